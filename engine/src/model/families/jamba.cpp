// Jamba (arXiv 2403.19887): one layer of attention for seven of Mamba 1, whose inner vectors are
// normed; every other FFN has experts (transformers modeling_jamba.py).
#include "model/families/families.h"
#include "model/recurrent.h"

namespace tokencast {
namespace {

/// What "auto" stands for: a sixteenth of the width, rounded up.
std::int64_t read_dt_rank(ConfigReader& config, std::int64_t hidden) {
  const Json* rank = config.find("mamba_dt_rank");
  if (rank == nullptr || is_text(*rank, "auto")) return (hidden + 15) / 16;
  return config.integer("mamba_dt_rank", Limits::kRank);
}

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_grouped_attention(config, architecture);
  Mamba1 mamba;
  mamba.inner = config.integer("mamba_expand", {1, 64}) * architecture.hidden;
  mamba.state = config.integer("mamba_d_state", Limits::kState);
  mamba.kernel = config.integer("mamba_d_conv", Limits::kState);
  mamba.dt_rank = read_dt_rank(config, architecture.hidden);
  mamba.conv_bias = config.boolean_or("mamba_conv_bias", true);
  mamba.projection_bias = config.boolean_or("mamba_proj_bias", false);
  mamba.inner_norms = true;
  const RecurrentMixer recurrent = make_mixer(mamba, architecture.hidden);
  const std::int64_t attention_period = config.integer_or("attn_layer_period", Limits::kLayers, 8);
  const std::int64_t attention_offset = config.integer_or("attn_layer_offset", Limits::kCount, 4);
  const std::int64_t expert_period = config.integer_or("expert_layer_period", Limits::kLayers, 2);
  const std::int64_t expert_offset = config.integer_or("expert_layer_offset", Limits::kCount, 1);
  // One expert means a dense FFN, whatever the number that a token would go to.
  const bool any_experts = config.integer(key::kExperts, Limits::kExperts) > 1;
  const MoeFfn moe = any_experts ? read_moe(config, key::kIntermediate) : MoeFfn();
  config.ignore(key::kTopK);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const auto types =
      read_layer_types(config, layers, {"mamba", "linear_attention", "attention", "full_attention"},
                       "layers_block_type layer_types");
  architecture.state_dtype = read_state_dtype(config, "mamba_ssm_cache_dtype", architecture.dtype);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    bool attends = i % attention_period == attention_offset;
    if (i < static_cast<std::int64_t>(types.size())) {
      const std::string& type = types[static_cast<std::size_t>(i)];
      attends = type == "attention" || type == "full_attention";
    }
    const bool experts = any_experts && i % expert_period == expert_offset;
    return decoder_layer(attends ? Mixer(attention) : Mixer(recurrent),
                         experts ? Ffn(moe) : Ffn(dense), architecture);
  });
}

}  // namespace

const Family kJamba = {"jamba", "JambaForCausalLM", "",
                       R"({"num_key_value_heads": 8, "num_experts": 16, "num_experts_per_tok": 2,
                           "mamba_expand": 2, "mamba_d_state": 16, "mamba_d_conv": 4})",
                       read};

}  // namespace tokencast
