// The forms in which quantization methods write quantization_config: a reader for each.
//
// Each reads config, which is quantization_config, into architecture.quantization: bits of weights
// with their scales, per weight, in formats by module; what it does not name is left 16 bit. A form
// that is not known is told of by not_understood; values that cannot be are errors of config.
//
// Ignores: what quantization.h ignores.
#ifndef TOKENCAST_MODEL_QUANTIZATION_METHODS_H_
#define TOKENCAST_MODEL_QUANTIZATION_METHODS_H_

#include "model/architecture.h"
#include "model/config_reader.h"

namespace tokencast {

/// fp8 of transformers and vLLM; model, the config around it, may say that experts are narrower.
void read_fp8(ConfigReader& config, ConfigReader& model, Architecture& architecture);
/// AWQ, GPTQ and AutoRound.
void read_integer_groups(ConfigReader& config, Architecture& architecture);
void read_mlx(ConfigReader& config, Architecture& architecture);
void read_compressed_tensors(ConfigReader& config, Architecture& architecture);
void read_modelopt(ConfigReader& config, Architecture& architecture);
void read_torchao(ConfigReader& config, Architecture& architecture);
void read_quark(ConfigReader& config, Architecture& architecture);
void read_bitsandbytes(ConfigReader& config, Architecture& architecture);
void read_hqq(ConfigReader& config, Architecture& architecture);
void read_aqlm(ConfigReader& config, Architecture& architecture);
void read_gguf(ConfigReader& config, Architecture& architecture);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_QUANTIZATION_METHODS_H_
