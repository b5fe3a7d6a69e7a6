// Granite 3 MoE and Granite 4: experts as Mixtral's, a shared FFN of its own width, and Mamba 2 in
// most layers; Bamba is the same without experts (transformers modeling_granitemoehybrid.py,
// modeling_bamba.py).
#include <algorithm>

#include "model/families/families.h"
#include "model/recurrent.h"

namespace tokencast {
namespace {

GroupedAttention read_attention(ConfigReader& config, const Architecture& architecture) {
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  return attention;
}

void read_experts(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_attention(config, architecture);
  MoeFfn moe = read_moe(config, key::kIntermediate);
  moe.shared_intermediate =
      config.integer_or("shared_intermediate_size", {0, Limits::kIntermediate.maximum}, 0);
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, moe, architecture), layers);
}

RecurrentMixer read_mamba(ConfigReader& config, std::int64_t hidden) {
  Mamba2 mamba;
  mamba.heads = config.integer("mamba_n_heads", Limits::kHeads);
  const std::int64_t inner = config.integer_or("mamba_expand", {1, 64}, 2) * hidden;
  const Json* head_dim = config.find("mamba_d_head");
  mamba.head_dim = head_dim == nullptr || is_text(*head_dim, "auto")
                       ? std::max<std::int64_t>(inner / mamba.heads, 1)
                       : config.integer("mamba_d_head", Limits::kHeadDim);
  mamba.groups = config.integer_or("mamba_n_groups", Limits::kHeads, 1);
  mamba.state = config.integer_or("mamba_d_state", Limits::kState, 256);
  mamba.kernel = config.integer_or("mamba_d_conv", Limits::kState, 4);
  mamba.conv_bias = config.boolean_or("mamba_conv_bias", true);
  mamba.projection_bias = config.boolean_or("mamba_proj_bias", false);
  return make_mixer(mamba, hidden);
}

/// Whether each layer attends: layer_types, or attn_layer_indices.
std::vector<bool> read_attending(ConfigReader& config, std::int64_t layers) {
  const auto types =
      read_layer_types(config, layers, {"mamba", "linear_attention", "attention", "full_attention"},
                       "layer_types layers_block_type");
  const auto indices = config.integers("attn_layer_indices", {0, static_cast<double>(layers) - 1});
  std::vector<bool> attending(static_cast<std::size_t>(layers));
  for (std::size_t i = 0; i < attending.size(); ++i) {
    const bool listed =
        std::find(indices.begin(), indices.end(), static_cast<std::int64_t>(i)) != indices.end();
    attending[i] =
        i < types.size() ? types[i] == "attention" || types[i] == "full_attention" : listed;
  }
  return attending;
}

void add_hybrid(ConfigReader& config, Architecture& architecture, const std::vector<Ffn>& ffns) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_attention(config, architecture);
  const std::vector<bool> attending = read_attending(config, layers);
  for (const char* unused : {"mamba_n_heads", "mamba_d_head", "mamba_d_state", "mamba_n_groups",
                             "mamba_expand", "mamba_d_conv", "mamba_chunk_size"}) {
    config.ignore(unused);  // stated by models without such layers too
  }
  const bool any_mamba = std::find(attending.begin(), attending.end(), false) != attending.end();
  RecurrentMixer mamba;
  if (any_mamba) mamba = read_mamba(config, architecture.hidden);
  architecture.state_dtype = read_state_dtype(config, "mamba_ssm_cache_dtype", architecture.dtype);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool attends = attending[static_cast<std::size_t>(i)];
    Layer layer =
        decoder_layer(attends ? Mixer(attention) : Mixer(mamba), ffns.front(), architecture);
    layer.ffns = ffns;
    return layer;
  });
}

void read_hybrid(ConfigReader& config, Architecture& architecture) {
  std::vector<Ffn> ffns;
  const std::int64_t shared =
      config.integer("shared_intermediate_size", {0, Limits::kIntermediate.maximum});
  // Without experts the shared FFN is the only one.
  if (config.integer_or(key::kExperts, {0, Limits::kExperts.maximum}, 0) > 0) {
    MoeFfn moe = read_moe(config, key::kIntermediate);
    moe.shared_intermediate = shared;
    ffns.emplace_back(moe);
  } else {
    config.ignore(key::kIntermediate);
    ffns.emplace_back(DenseFfn{std::max<std::int64_t>(shared, 1)});
  }
  add_hybrid(config, architecture, ffns);
}

void read_bamba(ConfigReader& config, Architecture& architecture) {
  add_hybrid(config, architecture,
             {DenseFfn{config.integer(key::kIntermediate, Limits::kIntermediate)}});
}

}  // namespace

const Family kGraniteMoe = {"granitemoe", "GraniteMoeForCausalLM GraniteMoeSharedForCausalLM",
                            "granitemoeshared", "{}", read_experts};
const Family kGraniteMoeHybrid = {"granitemoehybrid", "GraniteMoeHybridForCausalLM", "",
                                  R"({"shared_intermediate_size": 1024})", read_hybrid};
const Family kBamba = {"bamba", "BambaForCausalLM", "", R"({"num_key_value_heads": 8})",
                       read_bamba};

}  // namespace tokencast
