// Encoders of images and sound beside a language model: their parameters, where a config says
// enough.
//
// Ignores: rotary tables and other buffers; talkers and vocoders of omni models, which are models
// of their own.
#ifndef TOKENCAST_MODEL_TOWERS_H_
#define TOKENCAST_MODEL_TOWERS_H_

#include "model/architecture.h"
#include "model/config_reader.h"

namespace tokencast {

struct Route;

/// Adds the towers of a config to architecture: those whose family can count them, and by name
/// those that it cannot, with a note.
void read_towers(const Route& route, ConfigReader& whole, Architecture& architecture);

// Readers of families. Each takes the whole config; sections that are absent add nothing.
void read_qwen2_vl_tower(ConfigReader& config, Architecture& architecture);
void read_qwen2_5_vl_tower(ConfigReader& config, Architecture& architecture);
void read_qwen3_vl_tower(ConfigReader& config, Architecture& architecture);
void read_llama4_tower(ConfigReader& config, Architecture& architecture);
void read_mllama_tower(ConfigReader& config, Architecture& architecture);
void read_pixtral_tower(ConfigReader& config, Architecture& architecture);
void read_fuyu_patches(ConfigReader& config, Architecture& architecture);
void read_gemma3_tower(ConfigReader& config, Architecture& architecture);
void read_gemma4_towers(ConfigReader& config, Architecture& architecture);
void read_intern_vit(ConfigReader& config, Architecture& architecture);
void read_moon_vit(ConfigReader& config, Architecture& architecture);
void read_kimi_k3_tower(ConfigReader& config, Architecture& architecture);
void read_glm4v_tower(ConfigReader& config, Architecture& architecture);
void read_minimax_m3_tower(ConfigReader& config, Architecture& architecture);
void read_lfm2_vl_tower(ConfigReader& config, Architecture& architecture);
void read_idefics3_tower(ConfigReader& config, Architecture& architecture);
void read_voxtral_tower(ConfigReader& config, Architecture& architecture);
void read_qwen2_audio_tower(ConfigReader& config, Architecture& architecture);
void read_qwen_vl_tower(ConfigReader& config, Architecture& architecture);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_TOWERS_H_
