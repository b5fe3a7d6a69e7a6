// Phi-3.5-MoE: LayerNorms with biases, Mixtral's experts, biases of attention and head by key
// (transformers modeling_phimoe.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  attention.window = read_window(config, architecture);
  const MoeFfn moe = read_moe(config, key::kIntermediate);
  architecture.head_bias = config.boolean_or("lm_head_bias", false);
  architecture.final_norm_elements = norm_elements(Norm::kLayer, architecture.hidden, 1);
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, moe, architecture, Norm::kLayer), layers);
}

}  // namespace

const Family kPhiMoe = {"phimoe", "PhiMoEForCausalLM PhimoeForCausalLM", "", "{}", read};

}  // namespace tokencast
