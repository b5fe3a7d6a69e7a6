// RWKV 4 to 7 (arXiv 2305.13048, 2404.05892, 2503.14456): time mixing with a state for each head,
// channel mixing in place of the FFN; embedding and head are stored apart whatever the config says.
#include <algorithm>
#include <cmath>

#include "model/families/families.h"

namespace tokencast {
namespace {

constexpr Component kPart = Component::kRecurrent;

struct Sizes {
  std::int64_t hidden = 0, attention = 0, head = 64, intermediate = 0;
};

Sizes read_sizes(ConfigReader& config, const Architecture& architecture, std::int64_t fallback) {
  Sizes sizes;
  sizes.hidden = architecture.hidden;
  sizes.attention = config.integer_or("attention_hidden_size", Limits::kHidden, sizes.hidden);
  sizes.head = config.integer_or("head_size head_dim", Limits::kHeadDim, 64);
  sizes.intermediate = config.integer_or(key::kIntermediate, Limits::kIntermediate, fallback);
  return sizes;
}

/// Time mixing: vectors is what it has beside its matrices; passes the multiplications of the state
/// per token and element.
RecurrentMixer time_mixing(const Sizes& s, std::vector<Linear> linears, std::int64_t vectors,
                           std::int64_t norms, double passes) {
  RecurrentMixer mixer;
  mixer.kind = RecurrentKind::kRwkv;
  mixer.linears = std::move(linears);
  mixer.vector_elements = vectors;
  mixer.norm_elements = norms;
  mixer.heads = std::max<std::int64_t>(s.attention / s.head, 1);
  mixer.conv_state = 2 * s.hidden;  // the token before, for both mixings
  mixer.recurrent_state = s.attention * s.head;
  mixer.flops_per_token = passes * static_cast<double>(mixer.recurrent_state);
  return mixer;
}

std::vector<Linear> projections(const Sizes& s, bool gate) {
  std::vector<Linear> linears = {{"key", kPart, s.hidden, s.attention},
                                 {"value", kPart, s.hidden, s.attention},
                                 {"receptance", kPart, s.hidden, s.attention},
                                 {"output", kPart, s.attention, s.hidden}};
  if (gate) linears.push_back({"gate", kPart, s.hidden, s.attention});
  return linears;
}

/// Channel mixing is a plain FFN with a receptance of its own, and vectors that mix in the token
/// before.
Layer rwkv_layer(const RecurrentMixer& mixer, const Sizes& s, bool receptance, std::int64_t mixes) {
  Layer layer;
  layer.mixers = {mixer};
  layer.ffns = {DenseFfn{s.intermediate, false, /*gated=*/false}};
  layer.norms = 2;
  layer.norm_elements = norm_elements(Norm::kLayer, s.hidden, 2);
  layer.other_elements = mixes * s.hidden;
  if (receptance) layer.linears = {{"receptance", Component::kFfn, s.hidden, s.hidden}};
  return layer;
}

/// The first layer norms the embedding before.
void finish(Architecture& architecture) {
  architecture.tied_embeddings = false;
  architecture.state_dtype = DType::kFp32;
  const std::int64_t norm = norm_elements(Norm::kLayer, architecture.hidden, 1);
  architecture.final_norm_elements = norm;
  architecture.tensors = {{"pre_ln", Component::kNorms, static_cast<double>(norm)}};
}

void read_first(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const Sizes s = read_sizes(config, architecture, 4 * architecture.hidden);
  finish(architecture);
  if (config.failed()) return;
  RecurrentMixer mixer =
      time_mixing(s, projections(s, false), 2 * s.attention + 3 * s.hidden, 0, 0);
  mixer.recurrent_state = 3 * s.hidden;
  mixer.flops_per_token = 15 * static_cast<double>(s.attention);
  add_layers(architecture, rwkv_layer(mixer, s, true, 2), layers);
}

void read_fifth(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const Sizes s = read_sizes(config, architecture, architecture.hidden * 7 / 2 / 32 * 32);
  finish(architecture);
  if (config.failed()) return;
  const RecurrentMixer mixer =
      time_mixing(s, projections(s, true), 2 * s.attention + 4 * s.hidden, 2 * s.attention, 7);
  add_layers(architecture, rwkv_layer(mixer, s, true, 2), layers);
}

void read_sixth(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const Sizes s = read_sizes(config, architecture, architecture.hidden * 7 / 2 / 32 * 32);
  finish(architecture);
  if (config.failed()) return;
  const bool wide = s.hidden == 4096;
  const std::int64_t mix_rank = wide ? 64 : 32;
  const std::int64_t decay_rank = wide ? 128 : 64;
  std::vector<Linear> linears = projections(s, true);
  linears.push_back({"time_maa_w1", kPart, s.hidden, 5 * mix_rank, Sharding::kReplicated});
  linears.push_back({"time_maa_w2", kPart, 5 * mix_rank, s.hidden, Sharding::kReplicated});
  linears.push_back({"time_decay_w1", kPart, s.hidden, decay_rank, Sharding::kReplicated});
  linears.push_back({"time_decay_w2", kPart, decay_rank, s.attention});
  const RecurrentMixer mixer =
      time_mixing(s, linears, 2 * s.attention + 6 * s.hidden, 2 * s.attention, 7);
  add_layers(architecture, rwkv_layer(mixer, s, true, 2), layers);
}

/// A low rank as the config states it, else as the class derives it: a multiple of 32 near factor ·
/// hidden^power.
std::int64_t low_rank(ConfigReader& config, const char* key, double derived) {
  const double multiples = std::max(1.0, std::floor(derived / 32 + 0.5));
  return config.integer_or(key, Limits::kRank, static_cast<std::int64_t>(multiples) * 32);
}

void read_seventh(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const Sizes s = read_sizes(config, architecture, 4 * architecture.hidden);
  const double root = std::sqrt(static_cast<double>(s.hidden));
  const std::int64_t decay = low_rank(config, "decay_low_rank_dim", 1.8 * root);
  const std::int64_t a = low_rank(config, "a_low_rank_dim", 1.8 * root);
  const std::int64_t v = low_rank(config, "v_low_rank_dim", 1.3 * root);
  const std::int64_t gate =
      low_rank(config, "gate_low_rank_dim", 0.6 * std::pow(static_cast<double>(s.hidden), 0.8));
  finish(architecture);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    std::vector<Linear> linears = projections(s, false);
    std::int64_t vectors = 6 * s.hidden + 3 * s.hidden + 2 * s.hidden;  // x_*, k_k k_a r_k, biases
    const auto add_rank = [&](std::string_view down, std::string_view up, std::int64_t rank) {
      linears.push_back({down, kPart, s.hidden, rank, Sharding::kReplicated});
      linears.push_back({up, kPart, rank, s.hidden});
    };
    add_rank("w_lora.0", "w_lora.2", decay);
    add_rank("a_lora.0", "a_lora.2", a);
    add_rank("g_lora.0", "g_lora.2", gate);
    if (i > 0) {  // the first layer's values are what later ones mix in
      add_rank("v_lora.0", "v_lora.2", v);
      vectors += s.hidden;
    }
    return rwkv_layer(time_mixing(s, linears, vectors, 2 * s.hidden, 9), s, false, 1);
  });
}

}  // namespace

const Family kRwkv = {"rwkv", "RwkvForCausalLM", "", "{}", read_first};
// Its class is that of version 4 as well: model_type tells them apart.
const Family kRwkv5 = {"rwkv5", "RwkvForCausalLM Rwkv5ForCausalLM", "", "{}", read_fifth};
const Family kRwkv6 = {"rwkv6", "Rwkv6ForCausalLM RWKV6ForCausalLM", "", "{}", read_sixth};
const Family kRwkv7 = {"rwkv7", "RWKV7ForCausalLM Rwkv7ForCausalLM", "", "{}", read_seventh};

}  // namespace tokencast
