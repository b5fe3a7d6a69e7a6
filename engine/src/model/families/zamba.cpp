// Zamba 1 and 2 (arXiv 2405.16712, 2411.15242): layers of Mamba, and a few transformer blocks that
// many layers share, which read the hidden state beside the first embedding; Zamba 2 adapts each
// use with a low-rank matrix (transformers modeling_zamba.py, modeling_zamba2.py).
#include <algorithm>

#include "model/families/families.h"
#include "model/recurrent.h"

namespace tokencast {
namespace {

/// Which layers also go through a shared block.
std::vector<bool> read_hybrids(ConfigReader& config, std::int64_t layers) {
  const auto types = read_layer_types(config, layers, {"mamba", "linear_attention", "hybrid"},
                                      "layers_block_type layer_types");
  std::vector<bool> hybrids(static_cast<std::size_t>(layers));
  for (std::size_t i = 0; i < hybrids.size(); ++i) {
    if (!types.empty()) {
      hybrids[i] = i < types.size() && types[i] == "hybrid";
    } else {
      // Zamba 1: two layers of Mamba first, then every sixth but the ends.
      const auto period =
          static_cast<std::size_t>(config.integer_or("attn_layer_period", Limits::kLayers, 6));
      const auto offset =
          static_cast<std::size_t>(config.integer_or("attn_layer_offset", Limits::kCount, 4));
      hybrids[i] = i == 2 || (i >= 3 && (i - 3) % period == offset);
    }
  }
  return hybrids;
}

/// The blocks of attention over twice the width and a gated FFN, stored blocks times and run at
/// each hybrid layer.
void add_shared_blocks(Architecture& architecture, GroupedAttention attention, const DenseFfn& ffn,
                       std::int64_t blocks, std::int64_t uses) {
  const std::int64_t hidden = architecture.hidden;
  attention.input = 2 * hidden;
  Layer block = decoder_layer(attention, ffn, architecture);
  block.norm_elements = 3 * hidden;  // over both inputs, and before the FFN
  if (uses > 0) architecture.layers.push_back({block, uses, std::min(blocks, uses), {}});
}

GroupedAttention read_wide_attention(ConfigReader& config, std::int64_t hidden) {
  GroupedAttention attention;
  attention.heads = config.integer(key::kHeads, Limits::kHeads);
  attention.kv_heads = config.integer_or("num_key_value_heads", Limits::kHeads, attention.heads);
  attention.head_dim = std::max<std::int64_t>(2 * hidden / attention.heads, 1);
  config.ignore(key::kHeadDim);  // kv_channels and attention_head_dim say otherwise
  config.ignore("num_query_groups");
  check_kv_heads(config, "num_key_value_heads", attention.heads, attention.kv_heads);
  return attention;
}

void read_first(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const std::int64_t hidden = architecture.hidden;
  Mamba1 mamba;
  mamba.inner = config.integer("mamba_expand", {1, 64}) * hidden;
  mamba.state = config.integer("mamba_d_state", Limits::kState);
  mamba.kernel = config.integer("mamba_d_conv", Limits::kState);
  const Json* rank = config.find("mamba_dt_rank");
  mamba.dt_rank = rank == nullptr || is_text(*rank, "auto")
                      ? (hidden + 15) / 16
                      : config.integer("mamba_dt_rank", Limits::kRank);
  const RecurrentMixer recurrent = make_mixer(mamba, hidden);
  const GroupedAttention attention = read_wide_attention(config, hidden);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const std::vector<bool> hybrids = read_hybrids(config, layers);
  if (config.failed()) return;
  Layer layer;
  layer.mixers = {recurrent};
  layer.norms = 1;
  layer.norm_elements = hidden;
  Layer hybrid = layer;
  hybrid.linears = {{"linear", Component::kOther, hidden, hidden, Sharding::kReplicated}};
  add_layers(architecture, layers,
             [&](std::int64_t i) { return hybrids[static_cast<std::size_t>(i)] ? hybrid : layer; });
  add_shared_blocks(architecture, attention, ffn, 1,
                    std::count(hybrids.begin(), hybrids.end(), true));
}

Mamba2 read_mamba2(ConfigReader& config, std::int64_t hidden) {
  Mamba2 mamba;
  const std::int64_t inner =
      config.integer_or("mamba_expand expansion_factor", {1, 64}, 2) * hidden;
  mamba.head_dim = config.integer_or("mamba_headdim mamba_head_dim", Limits::kHeadDim, 64);
  const std::int64_t heads = config.integer_or("n_mamba_heads", Limits::kHeads, 0);
  if (heads > 0) mamba.head_dim = std::max<std::int64_t>(inner / heads, 1);
  mamba.heads = std::max<std::int64_t>(inner / mamba.head_dim, 1);
  mamba.groups = config.integer_or("mamba_ngroups", Limits::kHeads, 1);
  mamba.state = config.integer_or("mamba_d_state state_size", Limits::kState, 64);
  mamba.kernel = config.integer_or("mamba_d_conv conv_dimension", Limits::kState, 4);
  mamba.projection_bias = config.boolean_or("add_bias_linear", false);
  return mamba;
}

void read_second(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const std::int64_t hidden = architecture.hidden;
  const RecurrentMixer recurrent = make_mixer(read_mamba2(config, hidden), hidden);
  const GroupedAttention attention = read_wide_attention(config, hidden);
  const DenseFfn ffn = {config.integer_or(key::kIntermediate, Limits::kIntermediate, 4 * hidden)};
  const std::int64_t blocks = config.integer_or("num_mem_blocks", {1, 64}, 1);
  const std::int64_t rank = config.integer_or("adapter_rank lora_rank", Limits::kRank, 128);
  const bool attention_adapters =
      config.boolean_or("use_shared_attention_adapter use_shared_attention_lora", false);
  const std::vector<bool> hybrids = read_hybrids(config, layers);
  if (config.failed()) return;
  Layer layer;
  layer.mixers = {recurrent};
  layer.norms = 1;
  layer.norm_elements = hidden;
  Layer hybrid = layer;
  constexpr Component kOther = Component::kOther;
  hybrid.linears = {
      {"linear", kOther, hidden, hidden, Sharding::kReplicated},
      {"gate_up_proj_adapter_down", kOther, hidden, rank, Sharding::kReplicated},
      {"gate_up_proj_adapter_up", kOther, rank, 2 * ffn.intermediate, Sharding::kSplit}};
  if (attention_adapters) {
    hybrid.linears.push_back(
        {"attn_adapters_down", kOther, 2 * hidden, 3 * rank, Sharding::kReplicated});
    hybrid.linears.push_back({"attn_adapters_up", kOther, 3 * rank, 2 * hidden});
  }
  add_layers(architecture, layers,
             [&](std::int64_t i) { return hybrids[static_cast<std::size_t>(i)] ? hybrid : layer; });
  add_shared_blocks(architecture, attention, ffn, blocks,
                    std::count(hybrids.begin(), hybrids.end(), true));
}

}  // namespace

const Family kZamba = {"zamba", "ZambaForCausalLM", "",
                       R"({"tie_word_embeddings": true, "mamba_expand": 2, "mamba_d_state": 16,
                           "mamba_d_conv": 4})",
                       read_first};
const Family kZamba2 = {"zamba2", "Zamba2ForCausalLM", "", R"({"tie_word_embeddings": true})",
                        read_second};

}  // namespace tokencast
