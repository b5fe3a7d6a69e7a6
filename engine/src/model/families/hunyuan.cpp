// Hunyuan V1, dense and MoE: Llama's layer with normed queries and keys; in the MoE a shared FFN
// beside the experts of every layer, sizes often given per layer (transformers
// modeling_hunyuan_v1_moe.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

GroupedAttention read_attention(ConfigReader& config, const Architecture& architecture) {
  GroupedAttention attention = read_grouped_attention(config, architecture);
  if (config.boolean_or("use_qk_norm", true)) attention.qk_norm = QkNorm::kPerHead;
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  return attention;
}

void read_dense(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_attention(config, architecture);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

void read_experts(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_attention(config, architecture);
  const std::int64_t width = config.integer(key::kIntermediate, Limits::kIntermediate);
  const auto experts = config.per_layer(key::kExperts, Limits::kExperts, layers, 1);
  const auto top_k = config.per_layer(key::kTopK, Limits::kExperts, layers, 1);
  const auto intermediate =
      config.per_layer(key::kExpertIntermediate, Limits::kIntermediate, layers, width);
  const auto shared = config.per_layer(key::kSharedExperts, Limits::kCount, layers, 1);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    MoeFfn moe;
    moe.experts = experts[layer];
    moe.top_k = top_k[layer];
    moe.intermediate = intermediate[layer];
    moe.shared_intermediate = shared[layer] * width;
    check_top_k(config, moe);
    return decoder_layer(attention, moe, architecture);
  });
}

}  // namespace

const Family kHunyuanDense = {
    "hunyuan_v1_dense", {"HunYuanDenseV1ForCausalLM"}, {"hunyuan"}, "{}", read_dense};
const Family kHunyuanMoe = {"hunyuan_v1_moe", {"HunYuanMoEV1ForCausalLM"}, {}, "{}", read_experts};

}  // namespace tokencast
