// DeepSeek MoE 16B: multi-head attention, dense first layer, then fine-grained and shared experts.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  const MoeFfn moe = read_moe(config);
  const std::vector<bool> sparse = read_moe_placement(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool experts = sparse[static_cast<std::size_t>(i)];
    return decoder_layer(attention, experts ? Ffn(moe) : Ffn(dense), architecture);
  });
}

}  // namespace

const Family kDeepSeek = {"deepseek", "DeepseekForCausalLM", "", "{}", read};

}  // namespace tokencast
