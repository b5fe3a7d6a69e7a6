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
  GroupedAttention attention = read_attention(config, architecture);
  // Hunyuan-Large: all but every cla_share_factor-th layer use the K and V of the one before.
  const bool shares = config.boolean_or("use_cla", false);
  const std::int64_t period = config.integer_or("cla_share_factor", Limits::kLayers, 1);
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
    attention.shares_kv = shares && i % period != 0;
    return decoder_layer(attention, moe, architecture);
  });
}

bool has_experts(ConfigReader& config) {
  const Json* experts = config.find(key::kExperts);
  return experts != nullptr && (experts->is_array() || *experts != 1);
}

/// The first release: one class for dense and MoE models.
void read_first(ConfigReader& config, Architecture& architecture) {
  if (has_experts(config)) {
    read_experts(config, architecture);
  } else {
    read_dense(config, architecture);
  }
}

/// Hunyuan 3: DeepSeek-V3's experts behind grouped attention.
void read_third(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  if (config.boolean_or("qk_norm use_qk_norm", true)) attention.qk_norm = QkNorm::kPerHead;
  MoeFfn moe = read_moe(config);
  moe.correction_bias = config.boolean_or("moe_router_enable_expert_bias", true);
  const std::vector<bool> sparse = read_moe_placement(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const std::int64_t mtp = read_mtp_count(config);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool experts = sparse[static_cast<std::size_t>(i)];
    return decoder_layer(attention, experts ? Ffn(moe) : Ffn(dense), architecture);
  });
  add_mtp_layers(architecture, decoder_layer(attention, moe, architecture), mtp);
}

}  // namespace

const Family kHunyuan = {"hunyuan", "HunYuanForCausalLM", "", "{}", read_first};
const Family kHunyuanV3 = {"hy_v3", "HYV3ForCausalLM", "", "{}", read_third};
const Family kHunyuanDense = {"hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM", "", "{}",
                              read_dense};
const Family kHunyuanMoe = {"hunyuan_v1_moe", "HunYuanMoEV1ForCausalLM", "", "{}", read_experts};

}  // namespace tokencast
