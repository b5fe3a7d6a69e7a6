// OLMo 1 (norms without weights), 2 and 3 (norms after attention and FFN, queries and keys normed
// over their full width, 3 with sliding layers) and OLMoE (transformers modeling_olmo*.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read_first(ConfigReader& config, Architecture& architecture) {
  read_llama(config, architecture);
  architecture.final_norm_elements = 0;
  for (LayerGroup& group : architecture.layers) group.layer.norm_elements = 0;
}

void read_dense(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kFullWidth});
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  const std::int64_t window = read_window(config, architecture);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool full =
        types.empty() ? (i + 1) % 4 == 0 : types[static_cast<std::size_t>(i)] == "full_attention";
    attention.window = full ? 0 : window;
    return decoder_layer(attention, ffn, architecture);
  });
}

void read_experts(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kFullWidth});
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  const MoeFfn moe = read_moe(config, key::kIntermediate);
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, moe, architecture), layers);
}

}  // namespace

const Family kOlmo = {"olmo", "OlmoForCausalLM", "", "{}", read_first};
const Family kOlmo2 = {"olmo2", "Olmo2ForCausalLM", "", "{}", read_dense};
const Family kOlmo3 = {"olmo3", "Olmo3ForCausalLM", "", R"({"sliding_window": 4096})", read_dense};
const Family kOlmoe = {"olmoe", "OlmoeForCausalLM", "", "{}", read_experts};
const Family kFlexOlmo = {"flex_olmo", "FlexOlmoForCausalLM", "", "{}", read_experts};

}  // namespace tokencast
