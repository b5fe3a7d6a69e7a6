// Kimi-Linear (arXiv 2510.26692) and Kimi-K3: three layers of Kimi Delta Attention for one of MLA,
// experts behind each; K3 lets experts act on a narrower vector, gates MLA's output and mixes
// earlier blocks back into the residual.
#include "model/families/families.h"
#include "model/recurrent.h"
#include "model/towers.h"

namespace tokencast {
namespace {

KimiDelta read_delta(ConfigReader& linear) {
  KimiDelta delta;
  delta.heads = linear.integer("num_heads", Limits::kHeads);
  delta.head_dim = linear.integer("head_dim", Limits::kHeadDim);
  delta.kernel = linear.integer("short_conv_kernel_size", Limits::kState);
  delta.low_rank_output_gate = !linear.boolean_or("use_full_rank_gate", false);
  // K3, whose gates are of full rank, stores a decay for each channel of a head (its checkpoint).
  if (!delta.low_rank_output_gate) delta.decay_elements = delta.head_dim;
  return delta;
}

/// Which layers have Kimi Delta Attention: kda_layers, else all that full_attn_layers leaves. Both
/// count from 1.
std::vector<bool> read_delta_layers(ConfigReader& linear, std::int64_t layers) {
  const Range number = {1, static_cast<double>(layers)};
  const std::vector<std::int64_t> delta = linear.integers("kda_layers", number);
  const std::vector<std::int64_t> full = linear.integers("full_attn_layers", number);
  const bool listed = linear.has("kda_layers");
  if (!listed && !linear.has("full_attn_layers")) linear.integer("kda_layers", number);
  std::vector<bool> is_delta(static_cast<std::size_t>(layers), !listed);
  if (linear.failed()) return is_delta;
  for (const std::int64_t layer : listed ? delta : full) {
    is_delta[static_cast<std::size_t>(layer - 1)] = listed;
  }
  return is_delta;
}

MoeFfn read_kimi_moe(ConfigReader& config) {
  MoeFfn moe = read_moe(config);
  moe.correction_bias = true;
  moe.input = config.integer_or("routed_expert_hidden_size", Limits::kHidden, 0);
  moe.latent_norm = moe.input > 0 && config.boolean_or("latent_moe_use_norm", false);
  return moe;
}

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  LatentAttention attention = read_latent_attention(config);
  attention.output_gate = config.boolean_or("mla_use_output_gate", false);
  ConfigReader linear = config.object("linear_attn_config");
  const RecurrentMixer delta = make_mixer(read_delta(linear), architecture.hidden);
  const std::vector<bool> is_delta = read_delta_layers(linear, layers);
  const bool experts = config.integer_or(key::kExperts, {0, Limits::kExperts.maximum}, 0) > 0;
  const MoeFfn moe = experts ? read_kimi_moe(config) : MoeFfn();
  const std::vector<bool> sparse = read_moe_placement(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const bool mixes_blocks = config.has("attn_res_block_size");
  if (config.failed()) return;
  const std::int64_t hidden = architecture.hidden;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto index = static_cast<std::size_t>(i);
    const bool has_experts = experts && sparse[index];
    Layer layer = decoder_layer(is_delta[index] ? Mixer(delta) : Mixer(attention),
                                has_experts ? Ffn(moe) : Ffn(dense), architecture);
    // A norm and a projection to one weight, for attention and FFN each.
    if (mixes_blocks) layer.other_elements = 4 * hidden;
    return layer;
  });
  if (mixes_blocks) {
    architecture.tensors.push_back(
        {"output_attn_res", Component::kOther, 2 * static_cast<double>(hidden)});
  }
}

}  // namespace

const Family kKimiLinear = {"kimi_linear", "KimiLinearForCausalLM", "", "{}", read};
const Family kKimiK3 = {"kimi_k3",         "KimiK3ForConditionalGeneration", "", "{}", nullptr,
                        read_kimi_k3_tower};
// Wrappers of DeepSeek-V3's form.
const Family kKimiVl = {"kimi_vl",    "KimiVLForConditionalGeneration", "", "{}", nullptr,
                        read_moon_vit};
const Family kKimiK25 = {
    "kimi_k25", "KimiK25ForConditionalGeneration", "kimi_k2_5", "{}", nullptr, read_moon_vit};

}  // namespace tokencast
