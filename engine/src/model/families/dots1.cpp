// dots.llm1 (arXiv 2506.05767): multi-head attention with normed queries and keys, DeepSeek-V3's
// experts.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  read_layer_types(config, layers, {"full_attention"});
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  MoeFfn moe = read_moe(config);
  moe.correction_bias = true;
  const std::vector<bool> sparse = read_moe_placement(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  config.ignore(key::kWindow);
  config.ignore("max_window_layers");
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool experts = sparse[static_cast<std::size_t>(i)];
    return decoder_layer(attention, experts ? Ffn(moe) : Ffn(dense), architecture);
  });
}

}  // namespace

const Family kDots1 = {"dots1", "Dots1ForCausalLM", "", "{}", read};

}  // namespace tokencast
