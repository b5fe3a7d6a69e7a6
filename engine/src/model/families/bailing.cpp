// Ling and Ring of inclusionAI: grouped attention with DeepSeek-like experts (v1, v2); with
// lightning attention in most layers (Ring-linear, and beside MLA in 2.5); with Kimi Delta
// Attention beside MLA (3.0). Two layouts share the model_type bailing_hybrid: the class tells them
// apart.
#include <algorithm>

#include "model/families/families.h"
#include "model/recurrent.h"

namespace tokencast {
namespace {

GroupedAttention read_attention(ConfigReader& config, const Architecture& architecture) {
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.output_bias = config.boolean_or("use_bias", false);
  attention.qkv_bias = config.boolean_or("use_qkv_bias", false) || attention.output_bias;
  if (config.boolean_or("use_qk_norm", false)) attention.qk_norm = QkNorm::kPerHead;
  return attention;
}

MoeFfn read_bailing_moe(ConfigReader& config, bool correction_bias) {
  MoeFfn moe = read_moe(config);
  moe.correction_bias = config.boolean_or("moe_router_enable_expert_bias", correction_bias);
  if (config.has("moe_shared_expert_intermediate_size")) {
    moe.shared_intermediate =
        config.integer("moe_shared_expert_intermediate_size", Limits::kIntermediate) *
        config.integer_or(key::kSharedExperts, Limits::kCount, 1);
  }
  return moe;
}

/// Layers whose mixer at gives, with dense first layers and experts after.
template <class MixerAt>
void add_bailing_layers(ConfigReader& config, Architecture& architecture, bool correction_bias,
                        const Mixer& draft_mixer, const MixerAt& at) {
  const std::int64_t layers = read_layer_count(config);
  const MoeFfn moe = read_bailing_moe(config, correction_bias);
  const std::vector<bool> sparse = read_moe_placement(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const std::int64_t mtp = read_mtp_count(config);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool experts = sparse[static_cast<std::size_t>(i)];
    return decoder_layer(at(i, layers), experts ? Ffn(moe) : Ffn(dense), architecture);
  });
  add_mtp_layers(architecture, decoder_layer(draft_mixer, moe, architecture), mtp);
}

void read_grouped(ConfigReader& config, Architecture& architecture) {
  const GroupedAttention attention = read_attention(config, architecture);
  add_bailing_layers(config, architecture, false, attention,
                     [&](std::int64_t, std::int64_t) { return Mixer(attention); });
}

/// The last of each group of layers, and what is left over at the end, attend to everything.
bool is_full(std::int64_t layer, std::int64_t layers, std::int64_t group) {
  return (layer + 1) % group == 0 || layer >= layers / group * group;
}

void read_linear(ConfigReader& config, Architecture& architecture) {
  const GroupedAttention attention = read_attention(config, architecture);
  const std::int64_t group = config.integer("layer_group_size", Limits::kLayers);
  const RecurrentMixer linear = make_mixer(
      Lightning{attention.heads, attention.heads, attention.head_dim,
                attention.qk_norm != QkNorm::kNone, attention.heads * attention.head_dim},
      architecture.hidden);
  add_bailing_layers(config, architecture, true, attention,
                     [&](std::int64_t i, std::int64_t layers) {
                       return is_full(i, layers, group) ? Mixer(attention) : Mixer(linear);
                     });
}

/// The heads of the linear layers of 2.5 and 3.0; every head has K and V of its own.
std::int64_t read_linear_heads(ConfigReader& config, const LatentAttention& attention) {
  return config.integer_or("num_kv_heads_for_linear_attn", Limits::kHeads, attention.heads);
}

std::int64_t read_linear_head_dim(ConfigReader& config, const Architecture& architecture,
                                  const LatentAttention& attention) {
  return config.integer_or("head_dim", Limits::kHeadDim,
                           std::max<std::int64_t>(architecture.hidden / attention.heads, 1));
}

void read_latent_lightning(ConfigReader& config, Architecture& architecture) {
  const LatentAttention attention = read_latent_attention(config);
  const std::int64_t group = config.integer("layer_group_size", Limits::kLayers);
  const std::int64_t kv_heads = read_linear_heads(config, attention);
  const std::int64_t head_dim = read_linear_head_dim(config, architecture, attention);
  const RecurrentMixer linear =
      make_mixer(Lightning{attention.heads, kv_heads, head_dim,
                           config.boolean_or("use_qk_norm", true), attention.heads * head_dim},
                 architecture.hidden);
  add_bailing_layers(config, architecture, true, attention,
                     [&](std::int64_t i, std::int64_t layers) {
                       return is_full(i, layers, group) ? Mixer(attention) : Mixer(linear);
                     });
}

void read_latent_delta(ConfigReader& config, Architecture& architecture) {
  LatentAttention attention = read_latent_attention(config);
  const std::string gate = config.text_or("gated_attention_proj_granularity_type", "head_wise");
  attention.output_gate = gate == "element_wise";
  attention.head_gate = gate == "head_wise";
  const std::int64_t group = config.integer("layer_group_size", Limits::kLayers);
  KimiDelta delta;
  delta.heads = attention.heads;
  delta.head_dim = read_linear_head_dim(config, architecture, attention);
  delta.kernel = config.integer_or("short_conv_kernel_size", Limits::kState, 4);
  delta.low_rank_forget_gate = delta.low_rank_output_gate = !config.boolean_or("no_kda_lora", true);
  const RecurrentMixer linear = make_mixer(delta, architecture.hidden);
  add_bailing_layers(config, architecture, true, attention,
                     [&](std::int64_t i, std::int64_t layers) {
                       return is_full(i, layers, group) ? Mixer(attention) : Mixer(linear);
                     });
}

}  // namespace

const Family kBailingMoe = {"bailing_moe", "BailingMoeForCausalLM BailingMoeV2ForCausalLM",
                            "bailing_moe_v2", "{}", read_grouped};
const Family kBailingMm = {
    "bailingmm", "BailingMMNativeForConditionalGeneration BailingMM2NativeForConditionalGeneration",
    "", "{}", nullptr};
const Family kBailingMoeLinear = {"bailing_moe_linear", "BailingMoeLinearV2ForCausalLM", "", "{}",
                                  read_linear};
const Family kBailingHybrid = {"bailing_hybrid",
                               "BailingMoeV2_5ForCausalLM BailingHybridForCausalLM", "", "{}",
                               read_latent_lightning};
const Family kBailingMoeV3 = {"bailing_moe_v3", "BailingMoeV3ForCausalLM", "", "{}",
                              read_latent_delta};

}  // namespace tokencast
