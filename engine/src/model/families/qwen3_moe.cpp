// Qwen 3 MoE: Qwen 3's attention; every decoder_sparse_step-th layer has experts, except those in
// mlp_only_layers (transformers modeling_qwen3_moe.py).
#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {

void read_qwen3_moe(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  read_layer_types(config, layers, {"full_attention"});
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  if (config.boolean_or("use_sliding_window", false)) {
    config.contradiction("use_sliding_window", "use_sliding_window",
                         "sliding windows are not known in this family",
                         "set it to false, as Qwen does");
  }
  config.ignore("max_window_layers");
  config.ignore(key::kWindow);
  config.ignore("shared_expert_intermediate_size");  // a leaving of Qwen 2 that the class ignores
  const MoeFfn moe = read_moe(config);
  const std::vector<bool> sparse = read_sparse_steps(config, layers);
  const DenseFfn dense = {config.integer_or(key::kIntermediate, Limits::kIntermediate, 1)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool experts = sparse[static_cast<std::size_t>(i)];
    return decoder_layer(attention, experts ? Ffn(moe) : Ffn(dense), architecture);
  });
}

const Family kQwen3Moe = {"qwen3_moe", "Qwen3MoeForCausalLM", "", R"({"head_dim": 128})",
                          read_qwen3_moe};
const Family kQwen3VlMoe = {"qwen3_vl_moe",      "Qwen3VLMoeForConditionalGeneration",
                            "qwen3_vl_moe_text", R"({"head_dim": 128})",
                            read_qwen3_moe,      read_qwen3_vl_tower};
const Family kQwen3OmniMoe = {
    "qwen3_omni_moe",
    "Qwen3OmniMoeForConditionalGeneration Qwen3OmniMoeThinkerForConditionalGeneration",
    "qwen3_omni_moe_text qwen3_omni_moe_thinker",
    R"({"head_dim": 128})",
    read_qwen3_moe,
    read_qwen3_vl_tower};

}  // namespace tokencast
