#include "model/decoder.h"

#include <algorithm>

#include "base/text.h"

namespace tokencast {
namespace {

/// The lists that have one entry for each layer.
constexpr Names kLayerLists =
    "layer_types layers_block_type hybrid_override_pattern block_configs moe_layer_freq";

/// The length of the first such list; 0 without any.
std::int64_t layers_listed(ConfigReader& config) {
  const Json* list = config.find(kLayerLists);
  if (list == nullptr) return 0;
  if (list->is_string()) {
    return static_cast<std::int64_t>(list->get_ref<const std::string&>().size());
  }
  return list->is_array() ? static_cast<std::int64_t>(list->size()) : 0;
}

void derive_head_dim(ConfigReader& config, std::int64_t hidden, GroupedAttention& attention) {
  if (hidden % attention.heads == 0) {
    attention.head_dim = hidden / attention.heads;
    return;
  }
  config.contradiction(
      key::kHeads, "head_dim",
      "hidden_size " + std::to_string(hidden) + " is not a multiple of " +
          std::to_string(attention.heads) + " heads, and head_dim is not given",
      "correct num_attention_heads, or add head_dim",
      {{"hidden_size", std::to_string(hidden)}, {"heads", std::to_string(attention.heads)}});
}

}  // namespace

std::int64_t norm_elements(Norm norm, std::int64_t width, std::int64_t count) {
  return width * count * (norm == Norm::kLayer ? 2 : 1);
}

std::int64_t read_layer_count(ConfigReader& config) {
  if (!config.has(key::kLayerCount)) {
    const std::int64_t listed = layers_listed(config);
    if (listed > 0 && Limits::kLayers.holds(static_cast<double>(listed))) return listed;
  }
  return config.integer(key::kLayerCount, Limits::kLayers);
}

GroupedAttention read_grouped_attention(ConfigReader& config, const Architecture& architecture,
                                        const AttentionRules& rules) {
  GroupedAttention attention;
  attention.qkv_bias = rules.qkv_bias;
  attention.output_bias = rules.output_bias;
  attention.qk_norm = rules.qk_norm;
  attention.heads = config.integer(key::kHeads, Limits::kHeads);
  attention.kv_heads = config.integer_or(key::kKvHeads, Limits::kHeads, attention.heads);
  attention.head_dim = config.integer_or(key::kHeadDim, Limits::kHeadDim, 0);
  if (config.failed()) return attention;
  if (!rules.multi_head && !config.has(key::kKvHeads)) {
    config.note("multi_head_assumed",
                "The config does not give num_key_value_heads: each of " +
                    std::to_string(attention.heads) + " heads keeps K and V of its own",
                {{"heads", std::to_string(attention.heads)}});
  }
  check_kv_heads(config, key::kKvHeads, attention.heads, attention.kv_heads);
  if (config.failed()) return attention;
  if (attention.head_dim == 0) derive_head_dim(config, architecture.hidden, attention);
  return attention;
}

LatentAttention read_latent_attention(ConfigReader& config) {
  LatentAttention attention;
  attention.heads = config.integer(key::kHeads, Limits::kHeads);
  attention.q_lora_rank = config.integer_or("q_lora_rank", Limits::kRank, 0);
  attention.kv_lora_rank = config.integer("kv_lora_rank", Limits::kRank);
  attention.qk_nope_head_dim = config.integer("qk_nope_head_dim", Limits::kHeadDim);
  // 0 where no position is rotated.
  attention.qk_rope_head_dim = config.integer("qk_rope_head_dim", {0, Limits::kHeadDim.maximum});
  attention.v_head_dim =
      config.integer_or("v_head_dim", Limits::kHeadDim, attention.qk_nope_head_dim);
  attention.bias = config.boolean_or("attention_bias", false);
  // Stated beside MLA, and not what its cache holds: every head shares one latent vector.
  config.ignore(key::kKvHeads);
  config.ignore(key::kHeadDim);
  config.ignore("qk_head_dim");
  return attention;
}

std::int64_t read_window(ConfigReader& config, const Architecture& architecture,
                         const Names& names) {
  const std::int64_t window = config.integer_or(names, {0, Limits::kContext.maximum}, 0);
  const bool inert = architecture.max_context > 0 && window >= architecture.max_context;
  return inert ? 0 : window;
}

std::vector<std::string> read_layer_types(ConfigReader& config, std::int64_t layers,
                                          const std::vector<std::string>& known,
                                          const Names& names) {
  std::vector<std::string> types = config.texts(names);
  if (config.failed() || (types.empty() && !config.has(names))) return {};
  const std::string path = config.path_of(names);
  const std::string field = path.substr(path.rfind('/') + 1);
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (std::find(known.begin(), known.end(), types[i]) != known.end()) continue;
    config.fail({"out_of_range",
                 path + "/" + std::to_string(i),
                 field + " names " + in_quotes(types[i]) + ", which this family does not have",
                 "known: " + joined(known),
                 {{"field", field}, {"found", types[i]}, {"known", joined(known)}}});
    return {};
  }
  if (static_cast<std::int64_t>(types.size()) < layers) {
    config.contradiction(names, "layer_list",
                         field + " has " + std::to_string(types.size()) + " values for " +
                             std::to_string(layers) + " layers",
                         "give one for each layer",
                         {{"field", field},
                          {"found", std::to_string(types.size())},
                          {"layers", std::to_string(layers)}});
    return {};
  }
  return types;
}

std::vector<bool> read_full_layers(ConfigReader& config, std::int64_t layers) {
  const auto types = read_layer_types(config, layers,
                                      {"full_attention", "linear_attention", "attention", "mamba"});
  const std::int64_t interval = config.integer_or("full_attention_interval", Limits::kLayers, 4);
  std::vector<bool> full(static_cast<std::size_t>(layers));
  for (std::size_t i = 0; i < full.size(); ++i) {
    full[i] = types.empty() ? (static_cast<std::int64_t>(i) + 1) % interval == 0
                            : types[i] == "full_attention" || types[i] == "attention";
  }
  return full;
}

DType read_state_dtype(ConfigReader& config, const Names& names, DType fallback) {
  const std::string name = config.text_or(names, "");
  if (name == "float32" || name == "fp32") return DType::kFp32;
  if (name == "float16" || name == "fp16") return DType::kFp16;
  if (name == "bfloat16" || name == "bf16") return DType::kBf16;
  return fallback;
}

MoeFfn read_moe(ConfigReader& config, const Names& width) {
  MoeFfn moe;
  moe.experts = config.integer(key::kExperts, Limits::kExperts);
  moe.top_k = config.integer(key::kTopK, Limits::kExperts);
  moe.intermediate = config.integer(width, Limits::kIntermediate);
  moe.shared_intermediate =
      config.integer_or(key::kSharedExperts, {0, Limits::kExperts.maximum}, 0) * moe.intermediate;
  check_top_k(config, moe);
  return moe;
}

void check_kv_heads(ConfigReader& config, const Names& names, std::int64_t heads,
                    std::int64_t kv_heads) {
  if (config.failed() || heads % kv_heads == 0) return;
  config.contradiction(names, "kv_heads",
                       std::to_string(heads) + " attention heads cannot share " +
                           std::to_string(kv_heads) + " KV heads evenly",
                       "num_key_value_heads must divide num_attention_heads",
                       {{"heads", std::to_string(heads)}, {"kv_heads", std::to_string(kv_heads)}});
}

void check_top_k(ConfigReader& config, const MoeFfn& moe) {
  const std::int64_t choices = moe.experts + moe.zero_experts;
  if (config.failed() || moe.top_k <= choices) return;
  config.contradiction(
      key::kTopK, "top_k",
      "a token cannot go to " + std::to_string(moe.top_k) + " of " + std::to_string(choices) +
          " experts",
      "num_experts_per_tok must be at most the number of experts",
      {{"top_k", std::to_string(moe.top_k)}, {"experts", std::to_string(choices)}});
}

std::vector<bool> read_moe_placement(ConfigReader& config, std::int64_t layers) {
  constexpr Names kFrequency = "moe_layer_freq moe_layer_interval";
  const std::int64_t dense = config.integer_or(key::kFirstDense, Limits::kCount, 0);
  const Json* frequency = config.find(kFrequency);
  std::vector<bool> placement(static_cast<std::size_t>(layers));
  if (frequency != nullptr && frequency->is_array()) {
    const std::vector<std::int64_t> flags = config.per_layer(kFrequency, {0, 1}, layers, 0);
    for (std::size_t i = 0; i < placement.size(); ++i) placement[i] = flags[i] == 1;
    return placement;
  }
  const std::int64_t step = config.integer_or(kFrequency, Limits::kLayers, 1);
  for (std::int64_t i = 0; i < layers; ++i) {
    placement[static_cast<std::size_t>(i)] = i >= dense && i % step == 0;
  }
  return placement;
}

Layer decoder_layer(const Mixer& mixer, const Ffn& ffn, const Architecture& architecture, Norm norm,
                    std::int64_t norms) {
  Layer layer;
  layer.mixers = {mixer};
  layer.ffns = {ffn};
  layer.norms = norms;
  layer.norm_elements = norm_elements(norm, architecture.hidden, norms);
  return layer;
}

void add_layers(Architecture& architecture, const Layer& layer, std::int64_t layers) {
  add_layers(architecture, layers, [&](std::int64_t) { return layer; });
}

void add_layers(Architecture& architecture, std::int64_t layers,
                const std::function<Layer(std::int64_t)>& at) {
  for (std::int64_t i = 0; i < layers; ++i) add_layer(architecture.layers, at(i));
}

std::int64_t read_mtp_count(ConfigReader& config) {
  return config.integer_or(key::kMtpLayers, Limits::kCount, 0);
}

void add_mtp_layers(Architecture& architecture, const Layer& layer, std::int64_t count) {
  const std::int64_t hidden = architecture.hidden;
  Layer mtp = layer;
  mtp.norms += 3;
  mtp.norm_elements += 3 * hidden;
  mtp.linears.push_back({"eh_proj", Component::kOther, 2 * hidden, hidden, Sharding::kReplicated});
  for (std::int64_t i = 0; i < count; ++i) add_layer(architecture.mtp, mtp);
  architecture.mtp_modules += count;
}

std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace tokencast
