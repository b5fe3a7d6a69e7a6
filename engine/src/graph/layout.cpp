#include "graph/layout.h"

#include <algorithm>
#include <tuple>

#include "base/overloaded.h"
#include "model/weights.h"

namespace tokencast {
namespace {

/// Whether tp ranks get equal parts of width that do not cut through a group of weights with one
/// scale.
bool splits(std::int64_t width, std::int64_t tp, std::int64_t group) {
  return width % tp == 0 && (group == 0 || (width / tp) % group == 0);
}

bool mixer_splits(const Mixer& mixer, std::int64_t tp) {
  return std::visit(Overloaded{
                        [tp](const GroupedAttention& a) {
                          const bool kv_splits = a.kv_heads % tp == 0 || tp % a.kv_heads == 0;
                          return a.heads % tp == 0 && kv_splits;
                        },
                        [tp](const LatentAttention& a) { return a.heads % tp == 0; },
                        [tp](const CompressedAttention& a) {
                          return a.heads % tp == 0 && a.output_groups % tp == 0;
                        },
                        [tp](const RecurrentMixer& recurrent) { return recurrent.heads % tp == 0; },
                    },
                    mixer);
}

/// Ranks that each expert is split over where tp ranks spread experts over ep; 0: they cannot.
std::int64_t expert_ranks(std::int64_t tp, std::int64_t ep) {
  if (ep > tp) return 1;
  return tp % ep == 0 ? tp / ep : 0;
}

bool ffn_splits(const Ffn& ffn, const WeightFormats& weights, std::size_t group, std::int64_t tp,
                std::int64_t ep) {
  const auto scale_group = [&](Component component) {
    const WeightFormat& format = weights.of(group, component, "down_proj");
    // vLLM, SGLang and TensorRT-LLM fill up each rank's part to 64 columns and more (mxfp4.py,
    // create_weights): gpt-oss, 2880 wide, runs on 4 and 8 ranks.
    return format.name == "mxfp4" ? 0 : format.group;
  };
  return std::visit(Overloaded{
                        [&](const DenseFfn& dense) {
                          return splits(dense.intermediate, tp, scale_group(Component::kFfn));
                        },
                        [&](const MoeFfn& moe) {
                          const bool shared = moe.shared_intermediate == 0 ||
                                              splits(moe.shared_intermediate, tp,
                                                     scale_group(Component::kSharedExperts));
                          const std::int64_t ranks = expert_ranks(tp, ep);
                          return shared && ranks > 0 &&
                                 splits(moe.intermediate, ranks, scale_group(Component::kExperts));
                        },
                    },
                    ffn);
}

bool layers_split(const LayerGroup& group, const WeightFormats& weights, std::size_t index,
                  std::int64_t tp, std::int64_t ep) {
  const auto& [mixers, ffns] = std::tie(group.layer.mixers, group.layer.ffns);
  return std::all_of(mixers.begin(), mixers.end(),
                     [tp](const Mixer& mixer) { return mixer_splits(mixer, tp); }) &&
         std::all_of(ffns.begin(), ffns.end(),
                     [&](const Ffn& ffn) { return ffn_splits(ffn, weights, index, tp, ep); });
}

double as_double(std::int64_t value) { return static_cast<double>(value); }

}  // namespace

std::int64_t domains_of(const Layout& layout, std::int64_t ranks, std::int64_t stride) {
  return layout.domain == 0 ? 1 : largest_share(ranks * stride, layout.domain);
}

std::int64_t layers_of(const Architecture& architecture) {
  std::int64_t layers = 0;
  for (const LayerGroup& group : architecture.layers) layers += group.count;
  return layers;
}

double layers_on_rank(const Architecture& architecture, const Layout& layout) {
  const std::int64_t layers = layers_of(architecture);
  return as_double(largest_share(layers, layout.pp)) / as_double(layers);
}

std::vector<std::int64_t> legal_tensor_parallel(const Architecture& architecture,
                                                const WeightFormats& weights, std::int64_t most,
                                                std::int64_t ep) {
  std::vector<std::int64_t> legal;
  for (std::int64_t tp = 1; tp <= most; ++tp) {
    bool all = true;
    for (std::size_t i = 0; i < architecture.layers.size() && all; ++i) {
      all = layers_split(architecture.layers[i], weights, i, tp, ep);
    }
    if (all || (tp == 1 && ep == 1)) legal.push_back(tp);
  }
  return legal;
}

std::vector<std::int64_t> legal_expert_parallel(const Architecture& architecture,
                                                const Layout& layout) {
  std::int64_t most = 1;
  const auto divides = [&architecture](std::int64_t ep) {
    for (const LayerGroup& group : architecture.layers) {
      for (const Ffn& ffn : group.layer.ffns) {
        const auto* moe = std::get_if<MoeFfn>(&ffn);
        if (moe != nullptr && !moe->idle && moe->experts % ep != 0) return false;
      }
    }
    return true;
  };
  for (const LayerGroup& group : architecture.layers) {
    for (const Ffn& ffn : group.layer.ffns) {
      if (std::holds_alternative<MoeFfn>(ffn)) most = layout.tp * layout.dp;
    }
  }
  std::vector<std::int64_t> legal;
  for (std::int64_t ep = 1; ep <= most; ++ep) {
    const bool fits = ep <= layout.tp ? layout.tp % ep == 0
                                      : ep % layout.tp == 0 && layout.dp % (ep / layout.tp) == 0;
    if (fits && divides(ep)) legal.push_back(ep);
  }
  return legal;
}

double layer_bytes_per_rank(const Architecture& architecture, const Layout& layout) {
  return rank_weights(architecture, layout.weights, layout.tp, layout.ep).layer_bytes *
         layers_on_rank(architecture, layout);
}

double weight_bytes_per_rank(const Architecture& architecture, const Layout& layout) {
  const RankWeights weights = rank_weights(architecture, layout.weights, layout.tp, layout.ep);
  const double layers = weights.layer_bytes * layers_on_rank(architecture, layout);
  if (layout.pp == 1) return layers + weights.first_bytes + weights.last_bytes;
  // A tied table is on the first stage and on the last.
  return layers + std::max(weights.first_bytes, weights.last_bytes);
}

}  // namespace tokencast
