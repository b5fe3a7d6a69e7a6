// Qwen 1.5 and 2 MoE: Qwen 2's attention; one shared expert of a width of its own, weighed by a
// gate (transformers modeling_qwen2_moe.py).
#include <algorithm>

#include "model/families/families.h"

namespace tokencast {

std::vector<bool> read_sparse_steps(ConfigReader& config, std::int64_t layers) {
  const std::int64_t step = config.integer_or("decoder_sparse_step", Limits::kLayers, 1);
  const Json* list = config.find("mlp_only_layers");
  std::vector<bool> sparse(static_cast<std::size_t>(layers));
  for (std::int64_t i = 0; i < layers; ++i) {
    sparse[static_cast<std::size_t>(i)] = (i + 1) % step == 0;
  }
  if (list == nullptr) return sparse;
  const bool numbers =
      list->is_array() && std::all_of(list->begin(), list->end(), [layers](const Json& item) {
        return item.is_number_integer() && item >= 0 && item < layers;
      });
  if (!numbers) {
    config.fail(
        {"wrong_type",
         config.path_of("mlp_only_layers"),
         "mlp_only_layers must be a list of layer numbers from 0 to " + std::to_string(layers - 1),
         "write [] when every layer has experts",
         {{"field", "mlp_only_layers"}, {"expected", "a list of layer numbers"}}});
    return sparse;
  }
  for (const Json& item : *list) sparse[item.get<std::size_t>()] = false;
  return sparse;
}

namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("qkv_bias", true);
  MoeFfn moe = read_moe(config);
  moe.shared_intermediate =
      config.integer_or("shared_expert_intermediate_size", Limits::kIntermediate, 0);
  moe.shared_gate = moe.shared_intermediate > 0;
  const std::vector<bool> sparse = read_sparse_steps(config, layers);
  const std::vector<bool> slides = read_late_window(config, layers);
  const bool any_slides = std::find(slides.begin(), slides.end(), true) != slides.end();
  const std::int64_t window = any_slides ? read_window(config, architecture) : 0;
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    attention.window = slides[layer] ? window : 0;
    return decoder_layer(attention, sparse[layer] ? Ffn(moe) : Ffn(dense), architecture);
  });
}

}  // namespace

const Family kQwen2Moe = {"qwen2_moe", "Qwen2MoeForCausalLM", "", "{}", read};

}  // namespace tokencast
