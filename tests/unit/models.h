// Configs that several tests read, as their repositories publish the fields that matter.
#ifndef TOKENCAST_TESTS_MODELS_H_
#define TOKENCAST_TESTS_MODELS_H_

#include <stdexcept>
#include <string>

#include "base/json_reader.h"
#include "builtin_presets.h"
#include "cost/calibration_set.h"
#include "graph/step.h"
#include "hardware/read_accelerator.h"
#include "model/assign_formats.h"
#include "model/config.h"
#include "model/weights.h"

namespace tokencast::test {

inline const std::string kQwen25_32B =
    R"({"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2",
  "hidden_size": 5120, "intermediate_size": 27648, "num_hidden_layers": 64, "num_attention_heads": 40,
  "num_key_value_heads": 8, "max_position_embeddings": 131072, "max_window_layers": 64,
  "sliding_window": 131072, "use_sliding_window": false, "tie_word_embeddings": false,
  "torch_dtype": "bfloat16", "vocab_size": 152064})";

inline const std::string kDeepSeekR1 = R"({"architectures": ["DeepseekV3ForCausalLM"],
  "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 2048, "num_hidden_layers": 61,
  "first_k_dense_replace": 3, "num_attention_heads": 128, "num_key_value_heads": 128, "q_lora_rank": 1536,
  "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
  "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8, "topk_method": "noaux_tc",
  "num_nextn_predict_layers": 1, "max_position_embeddings": 163840, "tie_word_embeddings": false,
  "torch_dtype": "bfloat16", "vocab_size": 129280,
  "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}})";

inline const std::string kMixtral =
    R"({"architectures": ["MixtralForCausalLM"], "hidden_size": 4096,
  "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
  "num_local_experts": 8, "num_experts_per_tok": 2, "max_position_embeddings": 32768,
  "sliding_window": null, "tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 32000})";

inline const std::string kMistral7Bv01 =
    R"({"architectures": ["MistralForCausalLM"], "hidden_size": 4096,
  "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
  "max_position_embeddings": 32768, "sliding_window": 4096, "torch_dtype": "bfloat16", "vocab_size": 32000})";

/// The config with one field changed; value is JSON text.
inline std::string with(const std::string& config, const std::string& field,
                        const std::string& value) {
  Json json = Json::parse(config);
  json[field] = Json::parse(value);
  return json.dump();
}

inline std::string without(const std::string& config, const std::string& field) {
  Json json = Json::parse(config);
  json.erase(field);
  return json.dump();
}

inline Architecture architecture_of(const std::string& config) {
  const Result<Architecture> read = read_config(Json::parse(config), "");
  if (!read.ok()) throw std::runtime_error(read.error().message);
  return read.value();
}

inline Architecture preset_architecture(const std::string& id) {
  return architecture_of(Json::parse(builtin_presets().models.at(id)).at("config").dump());
}

inline Accelerator preset_accelerator(const std::string& id) {
  const auto read = read_accelerator(Json::parse(builtin_presets().accelerators.at(id)), "");
  if (!read.ok()) throw std::runtime_error(read.error().path + ": " + read.error().message);
  return read.value();
}

/// What is known of an accelerator that nothing was measured on.
inline CostModel generic_model(const Accelerator& accelerator) {
  CostModel model;
  model.accelerator = &accelerator;
  return model;
}
CostModel generic_model(Accelerator&&) = delete;  // it points into the accelerator

/// What is known of an accelerator by the files of presets/calibration/.
inline CostModel calibrated_model(const Accelerator& accelerator,
                                  const Engine& engine = {EngineFamily::kVllm, 0, 0}) {
  static const Calibrations calibrations = builtin_calibrations();
  return calibrations.set().model(accelerator, engine);
}

/// On tp ranks, in the formats of the checkpoint.
inline Layout layout_of(const Architecture& architecture, std::int64_t tp = 1) {
  Layout layout;
  layout.tp = tp;
  layout.weights = architecture.formats;
  return layout;
}

}  // namespace tokencast::test

#endif  // TOKENCAST_TESTS_MODELS_H_
