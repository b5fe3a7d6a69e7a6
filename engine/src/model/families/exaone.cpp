// EXAONE 3 (Llama under other names), 4 and 4.5 (normed queries and keys, norms after attention and
// FFN, three sliding layers for one that is not) and MoE (transformers modeling_exaone4.py,
// modeling_exaone_moe.py).
#include "base/text.h"
#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {
namespace {

/// Windows of the layers: as layer_types says; else by a pattern, "LLLG" or 4, whose last layer and
/// the model's last attend to everything.
std::vector<std::int64_t> read_windows(ConfigReader& config, const Architecture& architecture,
                                       std::int64_t layers) {
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  const std::int64_t window = read_window(config, architecture);
  std::vector<std::int64_t> windows(static_cast<std::size_t>(layers), window);
  const Json* pattern = config.find("sliding_window_pattern");
  std::string text;
  if (pattern != nullptr && pattern->is_string()) text = pattern->get<std::string>();
  const std::int64_t period = text.empty()
                                  ? config.integer_or("sliding_window_pattern", Limits::kLayers, 4)
                                  : static_cast<std::int64_t>(text.size());
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    bool full = types.empty() ? (number + 1) % period == 0 || number + 1 == layers
                              : types[i] == "full_attention";
    if (types.empty() && !text.empty() && number + 1 < layers) full = text[i % text.size()] == 'G';
    if (full) windows[i] = 0;
  }
  return windows;
}

void read_fourth(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  const std::vector<std::int64_t> windows = read_windows(config, architecture, layers);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const std::int64_t mtp = read_mtp_count(config);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    attention.window = windows[static_cast<std::size_t>(i)];
    return decoder_layer(attention, ffn, architecture);
  });
  attention.window = 0;
  add_mtp_layers(architecture, decoder_layer(attention, ffn, architecture), mtp);
}

void read_experts(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  const std::vector<std::int64_t> windows = read_windows(config, architecture, layers);
  MoeFfn moe = read_moe(config);
  moe.correction_bias = true;
  std::vector<bool> sparse = read_moe_placement(config, layers);
  const auto types = read_layer_types(config, layers, {"dense", "sparse"}, "mlp_layer_types");
  for (std::size_t i = 0; i < sparse.size() && i < types.size(); ++i) {
    sparse[i] = types[i] == "sparse";
  }
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const std::int64_t mtp = read_mtp_count(config);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    attention.window = windows[layer];
    return decoder_layer(attention, sparse[layer] ? Ffn(moe) : Ffn(dense), architecture);
  });
  attention.window = 0;
  add_mtp_layers(architecture, decoder_layer(attention, dense, architecture), mtp);
}

}  // namespace

const Family kExaone = {"exaone", "ExaoneForCausalLM", "", "{}", read_llama};
const Family kExaone4 = {"exaone4", "Exaone4ForCausalLM", "", "{}", read_fourth};
const Family kExaone45 = {"exaone4_5",      "Exaone4_5_ForConditionalGeneration",
                          "exaone4_5_text", "{}",
                          read_fourth,      read_qwen2_5_vl_tower};
const Family kExaoneMoe = {
    "exaone_moe", "ExaoneMoeForCausalLM ExaoneMoEForCausalLM", "exaone_moe_text",
    R"({"first_k_dense_replace": 1, "num_shared_experts": 1})", read_experts};

}  // namespace tokencast
