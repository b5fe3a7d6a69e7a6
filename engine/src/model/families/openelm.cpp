// OpenELM (arXiv 2404.14619): heads and FFN widths of each layer of their own, normed queries and
// keys, tied.
#include <algorithm>
#include <cmath>

#include "model/families/families.h"

namespace tokencast {
namespace {

/// The nearest multiple, but not below nine tenths.
std::int64_t nearest_multiple(double value, std::int64_t multiple) {
  const auto step = static_cast<double>(multiple);
  double rounded = std::max(step, std::floor((value + step / 2) / step) * step);
  if (rounded < 0.9 * value) rounded += step;
  return static_cast<std::int64_t>(rounded);
}

std::vector<double> read_multipliers(ConfigReader& config, std::int64_t layers) {
  const Json* list = config.find("ffn_multipliers");
  std::vector<double> multipliers(static_cast<std::size_t>(layers), 4);
  if (list == nullptr) return multipliers;
  const bool numbers = list->is_array() && list->size() >= multipliers.size() &&
                       std::all_of(list->begin(), list->end(), [](const Json& item) {
                         return item.is_number() && Range{0.01, 1000}.holds(item.get<double>());
                       });
  if (!numbers) {
    config.fail({"wrong_type",
                 config.path_of("ffn_multipliers"),
                 "ffn_multipliers must be a list of numbers, one for each layer",
                 "paste the config as the model's repository has it",
                 {{"field", "ffn_multipliers"}, {"expected", "a list of numbers"}}});
    return multipliers;
  }
  for (std::size_t i = 0; i < multipliers.size(); ++i) multipliers[i] = (*list)[i].get<double>();
  return multipliers;
}

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention;
  attention.head_dim = config.integer(key::kHeadDim, Limits::kHeadDim);
  if (config.boolean_or("normalize_qk_projections", true)) attention.qk_norm = QkNorm::kPerHead;
  const auto heads = config.per_layer("num_query_heads", Limits::kHeads, layers, 1);
  const auto kv_heads = config.per_layer("num_kv_heads", Limits::kHeads, layers, 1);
  if (!config.has("num_query_heads")) config.integer("num_query_heads", Limits::kHeads);
  if (!config.has("num_kv_heads")) config.integer("num_kv_heads", Limits::kHeads);
  const std::vector<double> multipliers = read_multipliers(config, layers);
  const std::int64_t divisor = config.integer_or("ffn_dim_divisor", Limits::kHidden, 256);
  const bool gated = config.boolean_or("ffn_with_glu", true);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    check_kv_heads(config, "num_kv_heads", heads[i], kv_heads[i]);
  }
  if (config.failed()) return;
  const auto hidden = static_cast<double>(architecture.hidden);
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    attention.heads = heads[layer];
    attention.kv_heads = kv_heads[layer];
    const DenseFfn ffn = {nearest_multiple(multipliers[layer] * hidden, divisor), false, gated};
    return decoder_layer(attention, ffn, architecture);
  });
}

}  // namespace

const Family kOpenElm = {"openelm", "OpenELMForCausalLM", "", R"({"tie_word_embeddings": true})",
                         read};

}  // namespace tokencast
