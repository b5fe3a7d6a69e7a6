// Mamba 1 and 2 and Falcon-Mamba: no attention and no FFN; one norm before each mixer (transformers
// modeling_mamba.py, modeling_mamba2.py, modeling_falcon_mamba.py).
#include <algorithm>

#include "model/families/families.h"
#include "model/recurrent.h"

namespace tokencast {
namespace {

void add(ConfigReader& config, Architecture& architecture, const RecurrentMixer& mixer) {
  const std::int64_t layers = read_layer_count(config);
  architecture.state_dtype = read_state_dtype(config, "mamba_ssm_cache_dtype", architecture.dtype);
  if (config.failed()) return;
  Layer layer;
  layer.mixers = {mixer};
  layer.norms = 1;
  layer.norm_elements = architecture.hidden;
  add_layers(architecture, layer, layers);
}

void read_first(ConfigReader& config, Architecture& architecture) {
  const std::int64_t hidden = architecture.hidden;
  Mamba1 mamba;
  // Stated, it rules: Falcon-Mamba says expand 16 and means 2.
  mamba.inner = config.integer_or("intermediate_size d_inner", Limits::kHidden,
                                  config.integer_or("expand", {1, 64}, 2) * hidden);
  for (const char* other : {"expand", "d_inner", "d_model", "n_layer", "ssm_cfg"}) {
    config.ignore(other);
  }
  mamba.state = config.integer_or("state_size d_state", Limits::kState, 16);
  mamba.kernel = config.integer_or("conv_kernel d_conv", Limits::kState, 4);
  const Json* rank = config.find("time_step_rank");
  mamba.dt_rank = rank == nullptr || is_text(*rank, "auto")
                      ? (hidden + 15) / 16
                      : config.integer("time_step_rank", Limits::kRank);
  mamba.conv_bias = config.boolean_or("use_conv_bias", true);
  mamba.projection_bias = config.boolean_or("use_bias", false);
  add(config, architecture, make_mixer(mamba, hidden));
}

void read_second(ConfigReader& config, Architecture& architecture) {
  Mamba2 mamba;
  // Heads of the state space here, not of attention.
  mamba.heads = config.integer("num_heads", Limits::kHeads);
  mamba.head_dim = config.integer("head_dim", Limits::kHeadDim);
  mamba.groups = config.integer_or("n_groups", Limits::kHeads, 8);
  mamba.state = config.integer_or("state_size", Limits::kState, 128);
  mamba.kernel = config.integer_or("conv_kernel", Limits::kState, 4);
  mamba.conv_bias = config.boolean_or("use_conv_bias", true);
  mamba.projection_bias = config.boolean_or("use_bias", false);
  mamba.gated_norm = config.boolean_or("rms_norm", true);
  config.ignore("expand");
  config.ignore(key::kIntermediate);
  config.ignore("time_step_rank");
  add(config, architecture, make_mixer(mamba, architecture.hidden));
}

/// The form of the state-spaces repositories, which names the mixer in ssm_cfg and pads the
/// vocabulary.
void read_ssm(ConfigReader& config, Architecture& architecture) {
  ConfigReader ssm = config.object("ssm_cfg");
  const bool second = ssm.text_or("layer", "Mamba1") == "Mamba2";
  const std::int64_t hidden = architecture.hidden;
  const std::int64_t inner = ssm.integer_or("expand", {1, 64}, 2) * hidden;
  const std::int64_t multiple =
      config.integer_or("pad_vocab_size_multiple", Limits::kVocabulary, 1);
  architecture.vocabulary = round_up(architecture.vocabulary, multiple);
  for (const char* unused : {"d_intermediate", "attn_layer_idx", "attn_cfg", "rms_norm",
                             "residual_in_fp32", "fused_add_norm"}) {
    config.ignore(unused);
  }
  if (second) {
    Mamba2 mamba;
    mamba.head_dim = ssm.integer_or("headdim", Limits::kHeadDim, 64);
    mamba.heads = std::max<std::int64_t>(inner / mamba.head_dim, 1);
    mamba.groups = ssm.integer_or("ngroups", Limits::kHeads, 1);
    mamba.state = ssm.integer_or("d_state", Limits::kState, 128);
    mamba.kernel = ssm.integer_or("d_conv", Limits::kState, 4);
    add(config, architecture, make_mixer(mamba, hidden));
    return;
  }
  Mamba1 mamba;
  mamba.inner = inner;
  mamba.state = ssm.integer_or("d_state", Limits::kState, 16);
  mamba.kernel = ssm.integer_or("d_conv", Limits::kState, 4);
  mamba.dt_rank = (hidden + 15) / 16;
  add(config, architecture, make_mixer(mamba, hidden));
}

}  // namespace

const Family kMambaSsm = {"mamba_ssm", "", "",
                          R"({"tie_word_embeddings": true, "torch_dtype": "float16"})", read_ssm};
const Family kMamba = {"mamba", "MambaForCausalLM", "", R"({"tie_word_embeddings": true})",
                       read_first};
const Family kFalconMamba = {"falcon_mamba", "FalconMambaForCausalLM", "",
                             R"({"tie_word_embeddings": true})", read_first};
const Family kMamba2 = {"mamba2", "Mamba2ForCausalLM", "", R"({"num_heads": 128, "head_dim": 64})",
                        read_second};

}  // namespace tokencast
