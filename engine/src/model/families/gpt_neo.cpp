// GPT-Neo, GPT-J, CodeGen and GPT-NeoX of 2021 and 2022 (transformers modeling_gpt_neo.py,
// modeling_gptj.py, modeling_gpt_neox.py).
#include <algorithm>

#include "model/families/families.h"

namespace tokencast {
namespace {

/// Biases of the FFN and LayerNorms, as all of them have.
Layer gpt_layer(ConfigReader& config, Architecture& architecture, const GroupedAttention& attention,
                std::int64_t norms) {
  const DenseFfn ffn = {
      config.integer_or(key::kIntermediate, Limits::kIntermediate, 4 * architecture.hidden), true,
      false};
  architecture.final_norm_elements = norm_elements(Norm::kLayer, architecture.hidden, 1);
  Layer layer = decoder_layer(attention, ffn, architecture, Norm::kLayer, norms);
  layer.parallel = norms == 1;
  return layer;
}

/// Which layers of GPT-Neo attend to a window, as attention_types unrolls: [[["global", "local"],
/// 12]].
std::vector<bool> read_local(ConfigReader& config, std::int64_t layers) {
  std::vector<bool> local;
  const Json* types = config.find("attention_layers attention_types");
  if (types != nullptr && types->is_array()) {
    for (const Json& item : *types) {
      if (item.is_string()) local.push_back(is_text(item, "local"));
      if (!item.is_array() || item.size() != 2 || !item[0].is_array()) continue;
      if (!item[1].is_number_integer()) continue;
      for (std::int64_t n = item[1]; n > 0 && static_cast<std::int64_t>(local.size()) < layers;
           --n) {
        if (item[0].empty()) break;
        for (const Json& kind : item[0]) local.push_back(is_text(kind, "local"));
      }
    }
  }
  if (local.empty()) {
    for (std::int64_t i = 0; i < layers; ++i) local.push_back(i % 2 == 1);
  }
  local.resize(static_cast<std::size_t>(layers), false);
  return local;
}

void read_neo(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.output_bias = true, .multi_head = true});
  const std::int64_t window = config.integer_or("window_size", Limits::kContext, 256);
  const std::vector<bool> local = read_local(config, layers);
  config.integer(key::kContext, Limits::kContext);
  if (config.failed()) return;
  const std::int64_t hidden = architecture.hidden;
  architecture.tensors = {
      {"wpe", Component::kEmbedding,
       static_cast<double>(architecture.max_context) * static_cast<double>(hidden), true, hidden}};
  add_layers(architecture, layers, [&](std::int64_t i) {
    attention.window = local[static_cast<std::size_t>(i)] ? window : 0;
    return gpt_layer(config, architecture, attention, 2);
  });
}

void read_j(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention =
      read_grouped_attention(config, architecture, {.multi_head = true});
  architecture.tied_embeddings = false;
  architecture.head_bias = true;
  const Layer layer = gpt_layer(config, architecture, attention, 1);
  if (config.failed()) return;
  add_layers(architecture, layer, layers);
}

void read_neox(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const bool bias = config.boolean_or("attention_bias", true);
  const GroupedAttention attention = read_grouped_attention(
      config, architecture, {.qkv_bias = bias, .output_bias = bias, .multi_head = true});
  // Two LayerNorms whether attention and FFN are in parallel or not.
  Layer layer = gpt_layer(config, architecture, attention, 2);
  layer.parallel = config.boolean_or("use_parallel_residual", true);
  if (config.failed()) return;
  add_layers(architecture, layer, layers);
}

}  // namespace

const Family kGptNeo = {"gpt_neo", "GPTNeoForCausalLM", "", R"({"tie_word_embeddings": true})",
                        read_neo};
const Family kGptJ = {"gptj", "GPTJForCausalLM", "", "{}", read_j};
const Family kCodeGen = {"codegen", "CodeGenForCausalLM", "", "{}", read_j};
const Family kGptNeoX = {"gpt_neox", "GPTNeoXForCausalLM", "", "{}", read_neox};

}  // namespace tokencast
