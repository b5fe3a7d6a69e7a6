// Gemma 4: layers that attend to everything have wider heads and may use one projection for K and
// V; last layers may share K and V; experts may stand beside the dense FFN; small models have an
// embedding for each layer (transformers modeling_gemma4.py).
#include <algorithm>

#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {
namespace {

struct Attentions {
  GroupedAttention sliding, full;
};

Attentions read_attentions(ConfigReader& config, const Architecture& architecture) {
  Attentions read;
  read.sliding = read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  read.sliding.qkv_bias = config.boolean_or("attention_bias", false);
  read.sliding.output_bias = read.sliding.qkv_bias;
  read.full = read.sliding;
  read.sliding.window = read_window(config, architecture);
  read.full.head_dim = config.integer("global_head_dim", Limits::kHeadDim);
  read.full.keys_are_values = config.boolean_or("attention_k_eq_v", false);
  const std::int64_t kv_heads =
      config.integer_or("num_global_key_value_heads", Limits::kHeads, read.full.kv_heads);
  if (read.full.keys_are_values) read.full.kv_heads = kv_heads;
  if (!config.failed() && read.full.heads % read.full.kv_heads != 0) {
    config.contradiction(
        "num_global_key_value_heads", "kv_heads",
        std::to_string(read.full.heads) + " attention heads cannot share " +
            std::to_string(kv_heads) + " KV heads evenly",
        "num_global_key_value_heads must divide num_attention_heads",
        {{"heads", std::to_string(read.full.heads)}, {"kv_heads", std::to_string(kv_heads)}});
  }
  return read;
}

/// Experts beside the dense FFN, with norms of their own and a scale for each.
void add_experts(Layer& layer, const MoeFfn& moe, std::int64_t hidden) {
  layer.ffns.emplace_back(moe);
  layer.norm_elements += 3 * hidden;
  layer.other_elements += hidden;
}

void add_small_embeddings(Architecture& architecture, std::int64_t rows, std::int64_t layers,
                          std::int64_t small) {
  const auto width = static_cast<double>(layers * small);
  architecture.tensors = {
      {"embed_tokens_per_layer", Component::kOther, static_cast<double>(rows) * width, true,
       layers * small},
      {"per_layer_model_projection", Component::kOther,
       static_cast<double>(architecture.hidden) * width},
      {"per_layer_projection_norm", Component::kNorms, static_cast<double>(small)}};
}

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  Attentions attentions = read_attentions(config, architecture);
  const std::int64_t period =
      config.integer_or("sliding_window_pattern _sliding_window_pattern", Limits::kLayers, 6);
  const std::int64_t shared = config.integer_or("num_kv_shared_layers", Limits::kCount, 0);
  const std::int64_t intermediate = config.integer(key::kIntermediate, Limits::kIntermediate);
  const bool wide = config.boolean_or("use_double_wide_mlp", false);
  const bool experts = config.boolean_or("enable_moe_block", false);
  MoeFfn moe;
  config.ignore(key::kExperts);
  if (experts) {
    moe = read_moe(config);
    moe.correction_bias = true;  // per_expert_scale: as many values
  }
  const Range size_or_none = {0, Limits::kHidden.maximum};
  const std::int64_t small = config.integer_or("hidden_size_per_layer_input", size_or_none, 0);
  const std::int64_t rows =
      config.integer_or("vocab_size_per_layer_input", Limits::kVocabulary, architecture.vocabulary);
  if (config.failed()) return;

  const std::int64_t hidden = architecture.hidden;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto index = static_cast<std::size_t>(i);
    const bool full =
        types.empty() ? (i + 1) % period == 0 || i + 1 == layers : types[index] == "full_attention";
    GroupedAttention attention = full ? attentions.full : attentions.sliding;
    attention.shares_kv = i >= layers - shared;
    const DenseFfn ffn = {attention.shares_kv && wide ? 2 * intermediate : intermediate};
    Layer layer = decoder_layer(attention, ffn, architecture, Norm::kRms, 4);
    layer.other_elements = 1;  // layer_scalar
    if (experts) add_experts(layer, moe, hidden);
    if (small > 0) {
      layer.linears = {
          {"per_layer_input_gate", Component::kOther, hidden, small, Sharding::kReplicated},
          {"per_layer_projection", Component::kOther, small, hidden, Sharding::kReplicated}};
      layer.norm_elements += hidden;
    }
    return layer;
  });
  if (small > 0) add_small_embeddings(architecture, rows, layers, small);
}

}  // namespace

const Family kGemma4 = {
    "gemma4",
    "Gemma4ForConditionalGeneration Gemma4ForCausalLM Gemma4UnifiedForConditionalGeneration",
    "gemma4_text gemma4_unified gemma4_unified_text",
    R"({"tie_word_embeddings": true, "vocab_size": 262144, "head_dim": 256,
        "global_head_dim": 512, "sliding_window": 512})",
    read,
    read_gemma4_towers};

}  // namespace tokencast
