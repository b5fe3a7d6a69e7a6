// Qwen3-Next, Qwen 3.5 and 3.6: three layers of gated DeltaNet for one of attention, whose outputs
// are gated; dense or with experts and a gated shared one (transformers modeling_qwen3_next.py,
// modeling_qwen3_5.py).
#include "model/families/families.h"
#include "model/recurrent.h"
#include "model/towers.h"

namespace tokencast {
namespace {

struct Hybrid {
  GroupedAttention attention;
  RecurrentMixer linear;
  std::vector<bool> full;
};

Hybrid read_hybrid(ConfigReader& config, Architecture& architecture, std::int64_t layers) {
  Hybrid hybrid;
  hybrid.attention = read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  hybrid.attention.qkv_bias = config.boolean_or("attention_bias", false);
  hybrid.attention.output_bias = hybrid.attention.qkv_bias;
  // The class gates whatever attn_output_gate says.
  hybrid.attention.gate = OutputGate::kElement;
  GatedDeltaNet net;
  net.key_heads = config.integer("linear_num_key_heads", Limits::kHeads);
  net.key_dim = config.integer("linear_key_head_dim", Limits::kHeadDim);
  net.value_heads = config.integer("linear_num_value_heads", Limits::kHeads);
  net.value_dim = config.integer("linear_value_head_dim", Limits::kHeadDim);
  net.kernel = config.integer("linear_conv_kernel_dim", Limits::kState);
  hybrid.linear = make_mixer(net, architecture.hidden);
  hybrid.full = read_full_layers(config, layers);
  architecture.state_dtype =
      read_state_dtype(config, "mamba_ssm_dtype mamba_ssm_cache_dtype", architecture.dtype);
  return hybrid;
}

MoeFfn read_gated_moe(ConfigReader& config) {
  MoeFfn moe = read_moe(config);
  moe.shared_intermediate =
      config.integer_or("shared_expert_intermediate_size", Limits::kIntermediate, 0);
  moe.shared_gate = moe.shared_intermediate > 0;
  return moe;
}

void add(ConfigReader& config, Architecture& architecture, const Hybrid& hybrid,
         const Ffn& sparse_ffn, const Ffn& dense_ffn, const std::vector<bool>& sparse,
         std::int64_t mtp) {
  if (config.failed()) return;
  const auto layers = static_cast<std::int64_t>(hybrid.full.size());
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    return decoder_layer(hybrid.full[layer] ? Mixer(hybrid.attention) : Mixer(hybrid.linear),
                         sparse[layer] ? sparse_ffn : dense_ffn, architecture);
  });
  add_mtp_layers(architecture, decoder_layer(hybrid.attention, sparse_ffn, architecture), mtp);
}

void read_next(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const Hybrid hybrid = read_hybrid(config, architecture, layers);
  const MoeFfn moe = read_gated_moe(config);
  const std::vector<bool> sparse = read_sparse_steps(config, layers);
  const DenseFfn dense = {config.integer_or(key::kIntermediate, Limits::kIntermediate, 1)};
  // One block is in the checkpoint; no key names it.
  add(config, architecture, hybrid, moe, dense, sparse,
      config.integer_or(key::kMtpLayers, Limits::kCount, 1));
}

void read_dense(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const Hybrid hybrid = read_hybrid(config, architecture, layers);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  add(config, architecture, hybrid, ffn, ffn, std::vector<bool>(hybrid.full.size()),
      read_mtp_count(config));
}

void read_experts(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const Hybrid hybrid = read_hybrid(config, architecture, layers);
  const MoeFfn moe = read_gated_moe(config);
  config.ignore("mlp_only_layers");
  config.ignore(key::kIntermediate);
  add(config, architecture, hybrid, moe, moe, std::vector<bool>(hybrid.full.size(), true),
      read_mtp_count(config));
}

/// Three layers of linear attention for one that attends to everything, as OLMo 3 norms: after it,
/// and over the full width of queries and keys.
void read_olmo_hybrid(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kFullWidth});
  GatedDeltaNet net;
  net.key_heads = config.integer_or("linear_num_key_heads", Limits::kHeads, attention.heads);
  net.value_heads = config.integer_or("linear_num_value_heads", Limits::kHeads, attention.heads);
  net.key_dim = config.integer_or("linear_key_head_dim", Limits::kHeadDim,
                                  3 * architecture.hidden / (4 * net.key_heads));
  net.value_dim = config.integer_or("linear_value_head_dim", Limits::kHeadDim, 2 * net.key_dim);
  net.kernel = config.integer_or("linear_conv_kernel_dim", Limits::kState, 4);
  const RecurrentMixer linear = make_mixer(net, architecture.hidden);
  const std::vector<bool> full = read_full_layers(config, layers);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool attends = full[static_cast<std::size_t>(i)];
    return decoder_layer(attends ? Mixer(attention) : Mixer(linear), ffn, architecture);
  });
}

}  // namespace

constexpr const char* kLinearDefaults =
    R"({"head_dim": 256, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
        "linear_key_head_dim": 128, "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4})";
const Family kQwen3Next = {"qwen3_next", "Qwen3NextForCausalLM", "", kLinearDefaults, read_next};
const Family kQwen35 = {"qwen3_5",      "Qwen3_5ForConditionalGeneration Qwen3_5ForCausalLM",
                        "qwen3_5_text", kLinearDefaults,
                        read_dense,     read_qwen3_vl_tower};
const Family kQwen35Moe = {
    "qwen3_5_moe",      "Qwen3_5MoeForConditionalGeneration Qwen3_5MoeForCausalLM",
    "qwen3_5_moe_text", kLinearDefaults,
    read_experts,       read_qwen3_vl_tower};
const Family kOlmoHybrid = {"olmo_hybrid", "OlmoHybridForCausalLM", "", "{}", read_olmo_hybrid};

}  // namespace tokencast
