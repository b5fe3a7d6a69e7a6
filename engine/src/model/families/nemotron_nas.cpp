// Nemotron Super, Ultra 253B and 51B, found by architecture search (arXiv 2411.19146): each layer
// of Llama may lack attention or FFN, have a matrix in its place, or heads and width of its own, as
// block_configs says. DeciLM-7B has KV heads for each layer.
#include <algorithm>

#include "model/families/families.h"

namespace tokencast {
namespace {

/// The FFN width that a multiplier of the hidden size stands for: 2/3 of it as gated FFNs have,
/// rounded up to 256 (its modeling_decilm.py).
std::int64_t ffn_width(double multiplier, std::int64_t hidden) {
  return round_up(static_cast<std::int64_t>(2 * multiplier * static_cast<double>(hidden) / 3), 256);
}

/// A block of attention or FFN that a matrix replaces.
Linear replacement(const char* name, Component component, std::int64_t hidden) {
  return {name, component, hidden, hidden, Sharding::kReplicated};
}

Layer read_block(ConfigReader& config, const ConfigReader& block, const Architecture& architecture,
                 GroupedAttention attention, bool mlp_bias) {
  const std::int64_t hidden = architecture.hidden;
  ConfigReader attn = block.object("attention");
  ConfigReader ffn = block.object("ffn");
  Layer layer;
  layer.norms = 0;
  if (attn.boolean_or("replace_with_linear", false)) {
    layer.linears.push_back(replacement("linear_attn", Component::kAttention, hidden));
    ++layer.norms;
  } else if (!attn.boolean_or("no_op", false)) {
    const std::int64_t group = attn.integer("n_heads_in_group", Limits::kHeads);
    if (!config.failed() && attention.heads % group != 0) {
      attn.contradiction(
          "n_heads_in_group", "kv_heads",
          std::to_string(attention.heads) + " attention heads do not form groups of " +
              std::to_string(group),
          "n_heads_in_group must divide num_attention_heads",
          {{"heads", std::to_string(attention.heads)}, {"kv_heads", std::to_string(group)}});
      return layer;
    }
    attention.kv_heads = attention.heads / group;
    attention.window = attn.integer_or("window_length", Limits::kContext, 0);
    layer.mixers = {attention};
    ++layer.norms;
  }
  if (ffn.boolean_or("replace_with_linear", false)) {
    layer.linears.push_back(replacement("linear_mlp", Component::kFfn, hidden));
    ++layer.norms;
  } else if (!ffn.boolean_or("no_op", false)) {
    const double multiplier = ffn.number_or("ffn_mult", {0.001, 100}, 0);
    const std::int64_t stated = ffn.integer_or("intermediate_size", Limits::kIntermediate, 0);
    if (stated == 0 && multiplier == 0) ffn.integer("intermediate_size", Limits::kIntermediate);
    layer.ffns = {DenseFfn{
        stated > 0 ? stated : std::max<std::int64_t>(ffn_width(multiplier, hidden), 1), mlp_bias}};
    ++layer.norms;
  }
  layer.norm_elements = layer.norms * hidden;
  return layer;
}

void read_blocks(ConfigReader& config, Architecture& architecture) {
  const Json* blocks = config.find("block_configs");
  if (!blocks->is_array() || blocks->empty() ||
      !Limits::kLayers.holds(static_cast<double>(blocks->size()))) {
    config.fail({"wrong_type",
                 config.path_of("block_configs"),
                 "block_configs must be a list of one object for each layer",
                 "paste the config as the model's repository has it",
                 {{"field", "block_configs"}, {"expected", "a list of objects"}}});
    return;
  }
  GroupedAttention attention;
  attention.heads = config.integer(key::kHeads, Limits::kHeads);
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  const bool mlp_bias = config.boolean_or("mlp_bias", false);
  config.ignore(key::kLayerCount);
  if (config.failed()) return;
  attention.head_dim =
      config.integer_or("head_dim", Limits::kHeadDim,
                        std::max<std::int64_t>(architecture.hidden / attention.heads, 1));
  for (std::size_t i = 0; i < blocks->size() && !config.failed(); ++i) {
    const std::string path = config.path_of("block_configs") + "/" + std::to_string(i);
    if (!(*blocks)[i].is_object()) {
      config.fail(
          wrong_type("block_configs/" + std::to_string(i), path, "an object", (*blocks)[i]));
      return;
    }
    const ConfigReader block((*blocks)[i], path, config.state());
    add_layer(architecture.layers, read_block(config, block, architecture, attention, mlp_bias));
  }
}

void read_kv_heads_per_layer(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention;
  attention.heads = config.integer(key::kHeads, Limits::kHeads);
  const auto kv_heads = config.per_layer("num_key_value_heads_per_layer num_key_value_heads",
                                         Limits::kHeads, layers, attention.heads);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  attention.head_dim = std::max<std::int64_t>(architecture.hidden / attention.heads, 1);
  for (const std::int64_t heads : kv_heads) {
    check_kv_heads(config, "num_key_value_heads_per_layer num_key_value_heads", attention.heads,
                   heads);
  }
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    attention.kv_heads = kv_heads[static_cast<std::size_t>(i)];
    return decoder_layer(attention, ffn, architecture);
  });
}

void read(ConfigReader& config, Architecture& architecture) {
  if (config.has("block_configs")) {
    read_blocks(config, architecture);
  } else {
    read_kv_heads_per_layer(config, architecture);
  }
}

}  // namespace

const Family kNemotronNas = {"nemotron-nas", "DeciLMForCausalLM", "deci nemotron_nas", "{}", read};

}  // namespace tokencast
