// GLM-4.5 to 4.7: grouped attention with biases on q, k and v, then DeepSeek-V3's experts
// (transformers modeling_glm4_moe.py).
#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("attention_bias", false);  // not of the output projection
  if (config.boolean_or("use_qk_norm", false)) attention.qk_norm = QkNorm::kPerHead;
  MoeFfn moe = read_moe(config);
  moe.correction_bias = true;
  const std::vector<bool> sparse = read_moe_placement(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const std::int64_t mtp = read_mtp_count(config);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool experts = sparse[static_cast<std::size_t>(i)];
    return decoder_layer(attention, experts ? Ffn(moe) : Ffn(dense), architecture);
  });
  add_mtp_layers(architecture, decoder_layer(attention, moe, architecture), mtp);
  architecture.mtp_table_copies = 2;
}

}  // namespace

const Family kGlm4Moe = {"glm4_moe", "Glm4MoeForCausalLM", "Glm4Moe",
                         R"({"first_k_dense_replace": 1, "n_shared_experts": 1, "head_dim": 128})",
                         read};
const Family kGlm4vMoe = {"glm4v_moe",
                          "Glm4vMoeForConditionalGeneration",
                          "glm4v_moe_text",
                          R"({"first_k_dense_replace": 1, "n_shared_experts": 1, "head_dim": 128,
                              "attention_bias": true})",
                          read,
                          read_glm4v_tower};

}  // namespace tokencast
