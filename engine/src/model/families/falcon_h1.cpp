// Falcon-H1 (arXiv 2507.22448): attention and Mamba 2 side by side in every layer. The width of
// Mamba is mamba_d_ssm, not mamba_expand times the hidden size (transformers
// modeling_falcon_h1.py).
#include <algorithm>

#include "model/families/families.h"
#include "model/recurrent.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  Mamba2 mamba;
  mamba.heads = config.integer("mamba_n_heads", Limits::kHeads);
  const std::int64_t width =
      config.integer_or("mamba_d_ssm", Limits::kHidden,
                        config.integer_or("mamba_expand", {1, 64}, 2) * architecture.hidden);
  const Json* head_dim = config.find("mamba_d_head");
  mamba.head_dim = head_dim == nullptr || is_text(*head_dim, "auto")
                       ? std::max<std::int64_t>(width / mamba.heads, 1)
                       : config.integer("mamba_d_head", Limits::kHeadDim);
  mamba.groups = config.integer_or("mamba_n_groups", Limits::kHeads, 1);
  mamba.state = config.integer_or("mamba_d_state", Limits::kState, 256);
  mamba.kernel = config.integer_or("mamba_d_conv", Limits::kState, 4);
  mamba.conv_bias = config.boolean_or("mamba_conv_bias", true);
  mamba.projection_bias = config.boolean_or("mamba_proj_bias", false);
  mamba.gated_norm = config.boolean_or("mamba_rms_norm", false);
  const RecurrentMixer recurrent = make_mixer(mamba, architecture.hidden);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate),
                        config.boolean_or("mlp_bias", false)};
  architecture.state_dtype = read_state_dtype(config, "mamba_ssm_cache_dtype", architecture.dtype);
  if (config.failed()) return;
  Layer layer = decoder_layer(attention, ffn, architecture);
  layer.mixers = {attention, recurrent};
  add_layers(architecture, layer, layers);
}

}  // namespace

const Family kFalconH1 = {"falcon_h1", "FalconH1ForCausalLM", "", R"({"num_key_value_heads": 8})",
                          read};

}  // namespace tokencast
