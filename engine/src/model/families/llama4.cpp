// Llama 4: every interleave-th layer has experts and a shared one; three of four layers attend
// within chunks of the context (transformers modeling_llama4.py).
#include <algorithm>

#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {
namespace {

/// Layers with rotary positions attend within their chunk; 1 in no_rope_layers means that they have
/// them.
std::vector<bool> read_chunked(ConfigReader& config, std::int64_t layers) {
  const auto types = read_layer_types(config, layers, {"full_attention", "chunked_attention"});
  const Json* list = config.find("no_rope_layers");
  const std::int64_t interval =
      config.integer_or("no_rope_layer_interval nope_layer_interval", Limits::kLayers, 4);
  std::vector<bool> chunked(static_cast<std::size_t>(layers));
  const bool listed = list != nullptr && list->is_array() && !list->empty();
  const auto rope = listed ? config.per_layer("no_rope_layers", {0, 1}, layers, 1)
                           : std::vector<std::int64_t>(chunked.size(), 1);
  for (std::size_t i = 0; i < chunked.size(); ++i) {
    if (!types.empty()) {
      chunked[i] = types[i] == "chunked_attention";
    } else {
      chunked[i] = listed ? rope[i] == 1 : (static_cast<std::int64_t>(i) + 1) % interval != 0;
    }
  }
  return chunked;
}

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  const std::int64_t chunk = read_window(config, architecture, "attention_chunk_size");
  const std::vector<bool> chunked = read_chunked(config, layers);
  // Llama Guard 4 is dense: no experts, or no layer that has them.
  const bool any_experts = config.integer(key::kExperts, {0, Limits::kExperts.maximum}) > 0;
  MoeFfn moe;
  if (any_experts) moe = read_moe(config, key::kIntermediate);
  moe.shared_intermediate = moe.intermediate;
  config.ignore(key::kTopK);
  const std::int64_t step = config.integer_or("interleave_moe_layer_step", Limits::kCount, 1);
  const std::vector<std::int64_t> moe_layers =
      config.integers("moe_layers", {0, static_cast<double>(layers) - 1});
  const DenseFfn dense = {
      config.integer("intermediate_size_mlp intermediate_size", Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool chunks = chunked[static_cast<std::size_t>(i)] && chunk > 0;
    attention.window = chunks ? chunk : 0;
    attention.chunked = chunks;
    const bool listed = std::find(moe_layers.begin(), moe_layers.end(), i) != moe_layers.end();
    const bool stepped = step > 0 && (i + 1) % step == 0;
    const bool experts = any_experts && (moe_layers.empty() ? stepped : listed);
    return decoder_layer(attention, experts ? Ffn(moe) : Ffn(dense), architecture);
  });
}

}  // namespace

const Family kLlama4 = {"llama4",      "Llama4ForConditionalGeneration Llama4ForCausalLM",
                        "llama4_text", R"({"attention_chunk_size": 8192})",
                        read,          read_llama4_tower};

}  // namespace tokencast
