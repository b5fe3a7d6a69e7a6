// LFM2 and 2.5 (Liquid): gated short convolutions, and attention with normed heads in a few layers;
// with experts after the first dense ones (transformers modeling_lfm2.py, modeling_lfm2_moe.py).
#include <algorithm>

#include "model/families/families.h"
#include "model/recurrent.h"
#include "model/towers.h"

namespace tokencast {
namespace {

/// Which layers attend: layer_types, or full_attn_idxs as the first release has it, counted from 0.
std::vector<bool> read_attending(ConfigReader& config, std::int64_t layers) {
  const auto types = read_layer_types(config, layers, {"full_attention", "conv"});
  const auto indices = config.integers("full_attn_idxs", {0, static_cast<double>(layers) - 1});
  std::vector<bool> attending(static_cast<std::size_t>(layers),
                              types.empty() && !config.has("full_attn_idxs"));
  for (std::size_t i = 0; i < attending.size(); ++i) {
    if (!types.empty()) {
      attending[i] = types[i] == "full_attention";
    } else if (std::find(indices.begin(), indices.end(), static_cast<std::int64_t>(i)) !=
               indices.end()) {
      attending[i] = true;
    }
  }
  return attending;
}

/// The FFN width: two thirds of what is stated, rounded up, where the config asks for it.
std::int64_t read_width(ConfigReader& config) {
  std::int64_t width = config.integer("block_ff_dim intermediate_size", Limits::kIntermediate);
  config.ignore("intermediate_size");
  const std::int64_t multiple = config.integer_or("block_multiple_of", Limits::kHidden, 256);
  const double multiplier = config.number_or("block_ffn_dim_multiplier", {0.01, 100}, 1);
  if (!config.boolean_or("block_auto_adjust_ff_dim", false)) return width;
  width = 2 * width / 3;
  return round_up(static_cast<std::int64_t>(multiplier * static_cast<double>(width)), multiple);
}

struct Mixers {
  GroupedAttention attention;
  RecurrentMixer convolution;
  std::vector<bool> attending;
};

Mixers read_mixers(ConfigReader& config, const Architecture& architecture, std::int64_t layers) {
  Mixers mixers;
  mixers.attention = read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  ShortConvolution convolution;
  convolution.width = architecture.hidden;
  convolution.kernel = config.integer_or("conv_L_cache", Limits::kState, 3);
  convolution.bias = config.boolean_or("conv_bias", false);
  mixers.convolution = make_mixer(convolution, architecture.hidden);
  mixers.attending = read_attending(config, layers);
  return mixers;
}

void add(ConfigReader& config, Architecture& architecture, const Mixers& mixers, const Ffn& ffn,
         const Ffn& first_ffn, std::int64_t first) {
  if (config.failed()) return;
  add_layers(architecture, static_cast<std::int64_t>(mixers.attending.size()), [&](std::int64_t i) {
    const bool attends = mixers.attending[static_cast<std::size_t>(i)];
    return decoder_layer(attends ? Mixer(mixers.attention) : Mixer(mixers.convolution),
                         i < first ? first_ffn : ffn, architecture);
  });
}

void read(ConfigReader& config, Architecture& architecture) {
  const Mixers mixers = read_mixers(config, architecture, read_layer_count(config));
  const DenseFfn ffn = {read_width(config)};
  add(config, architecture, mixers, ffn, ffn, 0);
}

void read_experts(ConfigReader& config, Architecture& architecture) {
  const Mixers mixers = read_mixers(config, architecture, read_layer_count(config));
  MoeFfn moe = read_moe(config);
  moe.correction_bias = config.boolean_or("use_expert_bias", true);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const std::int64_t first = config.integer_or("num_dense_layers", Limits::kCount, 2);
  add(config, architecture, mixers, moe, dense, first);
}

}  // namespace

const Family kLfm2 = {"lfm2", "Lfm2ForCausalLM", "", R"({"tie_word_embeddings": true})", read};
const Family kLfm2Moe = {"lfm2_moe", "Lfm2MoeForCausalLM", "", R"({"tie_word_embeddings": true})",
                         read_experts};
const Family kLfm2Vl = {"lfm2_vl",         "Lfm2VlForConditionalGeneration", "", "{}", nullptr,
                        read_lfm2_vl_tower};

}  // namespace tokencast
