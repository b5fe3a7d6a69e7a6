// DeepSeek-V3 and R1 (arXiv 2412.19437): MLA, dense first layers, then routed and shared experts.
#include <algorithm>

#include "base/text.h"
#include "model/family.h"

namespace tokencast {
namespace {

LatentAttention read_latent_attention(ObjectReader& config) {
  LatentAttention attention;
  attention.heads = config.integer("num_attention_heads", Limits::kHeads);
  attention.q_lora_rank = config.integer_or("q_lora_rank", Limits::kRank, 0);
  attention.kv_lora_rank = config.integer("kv_lora_rank", Limits::kRank);
  attention.qk_nope_head_dim = config.integer("qk_nope_head_dim", Limits::kHeadDim);
  attention.qk_rope_head_dim = config.integer("qk_rope_head_dim", Limits::kHeadDim);
  attention.v_head_dim = config.integer("v_head_dim", Limits::kHeadDim);
  attention.bias = config.boolean_or("attention_bias", false);
  return attention;
}

MoeFfn read_moe(ObjectReader& config) {
  MoeFfn moe;
  moe.experts = config.integer("n_routed_experts", Limits::kExperts);
  moe.top_k = config.integer("num_experts_per_tok", Limits::kExperts);
  moe.intermediate = config.integer("moe_intermediate_size", Limits::kIntermediate);
  moe.shared_intermediate =
      config.integer("n_shared_experts", {0, Limits::kExperts.maximum}) * moe.intermediate;
  // The bias of auxiliary-loss-free balancing; noaux_tc is the only method that this family's code
  // knows.
  moe.correction_bias = config.string_or("topk_method", "noaux_tc") == "noaux_tc";
  check_top_k(config, "num_experts_per_tok", moe);
  return moe;
}

}  // namespace

void read_deepseek_v3(ObjectReader& config, Architecture& architecture) {
  const LatentAttention attention = read_latent_attention(config);
  const MoeFfn moe = read_moe(config);
  const std::int64_t layers = read_layer_count(config);
  const std::int64_t dense =
      std::min(layers, config.integer("first_k_dense_replace", {0, Limits::kLayers.maximum}));
  if (config.integer_or("moe_layer_freq", Limits::kLayers, 1) != 1) {
    config.fail({"inconsistent_config",
                 config.path_of("moe_layer_freq"),
                 "moe_layer_freq other than 1 is not known in this family",
                 "set it to 1, as DeepSeek-V3 does",
                 {{"reason", "moe_layer_freq"}}});
  }
  if (dense > 0) {
    const DenseFfn ffn = {config.integer("intermediate_size", Limits::kIntermediate), false};
    architecture.layers.push_back({attention, ffn, dense});
  }
  if (dense < layers) architecture.layers.push_back({attention, moe, layers - dense});

  architecture.mtp_layers =
      config.integer_or("num_nextn_predict_layers", {0, Limits::kLayers.maximum}, 0);
  if (architecture.mtp_layers > 0) {
    architecture.notes.push_back(
        {"mtp_not_counted",
         std::to_string(architecture.mtp_layers) +
             " multi-token-prediction layer(s) of the checkpoint are not counted",
         {{"layers", std::to_string(architecture.mtp_layers)}}});
  }
}

}  // namespace tokencast
