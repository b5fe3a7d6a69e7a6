// Qwen 3 MoE: Qwen 3's attention; every decoder_sparse_step-th layer has experts, except those in
// mlp_only_layers (transformers modeling_qwen3_moe.py).
#include <algorithm>

#include "model/family.h"

namespace tokencast {
namespace {

/// Number of layers below layers that mlp_only_layers names among the sparse ones.
std::int64_t dense_exceptions(ObjectReader& config, std::int64_t layers, std::int64_t step) {
  const Json* list = config.find("mlp_only_layers");
  if (list == nullptr) return 0;
  std::vector<bool> dense(static_cast<std::size_t>(layers), false);
  if (list->is_array()) {
    for (const Json& item : *list) {
      if (!item.is_number_integer()) break;
      const auto layer = item.get<std::int64_t>();
      if (layer < 0 || layer >= layers) break;
      if ((layer + 1) % step == 0) dense[static_cast<std::size_t>(layer)] = true;
    }
  }
  const bool numbers_of_layers =
      list->is_array() && std::all_of(list->begin(), list->end(), [layers](const Json& item) {
        return item.is_number_integer() && item.get<std::int64_t>() >= 0 &&
               item.get<std::int64_t>() < layers;
      });
  if (!numbers_of_layers) {
    config.fail(
        {"wrong_type",
         config.path_of("mlp_only_layers"),
         "mlp_only_layers must be a list of layer numbers from 0 to " + std::to_string(layers - 1),
         "write [] when every layer has experts",
         {{"field", "mlp_only_layers"}, {"expected", "a list of layer numbers"}}});
  }
  return std::count(dense.begin(), dense.end(), true);
}

}  // namespace

void read_qwen3_moe(ObjectReader& config, Architecture& architecture) {
  refuse_other_layer_types(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qk_norm = true;
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;

  if (config.boolean_or("use_sliding_window", false)) {
    config.fail({"inconsistent_config",
                 config.path_of("use_sliding_window"),
                 "sliding windows are not known in this family",
                 "set it to false, as Qwen does",
                 {{"reason", "use_sliding_window"}}});
  }

  MoeFfn moe;
  moe.experts = config.integer("num_experts", Limits::kExperts);
  moe.top_k = config.integer("num_experts_per_tok", Limits::kExperts);
  moe.intermediate = config.integer("moe_intermediate_size", Limits::kIntermediate);
  check_top_k(config, "num_experts_per_tok", moe);

  const std::int64_t layers = read_layer_count(config);
  const std::int64_t step = config.integer_or("decoder_sparse_step", Limits::kLayers, 1);
  if (config.failed()) return;
  const std::int64_t sparse = layers / step - dense_exceptions(config, layers, step);
  if (sparse < layers) {
    const DenseFfn dense = {config.integer("intermediate_size", Limits::kIntermediate), false};
    architecture.layers.push_back({attention, dense, layers - sparse});
  }
  if (sparse > 0) architecture.layers.push_back({attention, moe, sparse});
}

}  // namespace tokencast
