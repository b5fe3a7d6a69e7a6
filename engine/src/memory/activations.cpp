#include "memory/activations.h"

#include <algorithm>

#include "base/overloaded.h"

namespace tokencast {
namespace {

constexpr double kActivationBytes = 2;
constexpr double kGiB = 1024.0 * 1024 * 1024;

double as_double(std::int64_t value) { return static_cast<double>(value); }

/// Elements of one token that a mixer keeps at once, on a rank.
double mixer_width(const Mixer& mixer, std::int64_t tp) {
  return std::visit(
      Overloaded{
          // Queries, keys and values, then the output of the heads.
          [tp](const GroupedAttention& a) {
            return as_double((2 * a.heads + 2 * a.kv_heads) * a.head_dim) / as_double(tp);
          },
          // Queries, unfolded keys and values, and the output of the heads.
          [tp](const LatentAttention& a) {
            return as_double(a.heads *
                             (2 * (a.qk_nope_head_dim + a.qk_rope_head_dim) + 2 * a.v_head_dim)) /
                   as_double(tp);
          },
          // Queries and the output of the heads.
          [tp](const CompressedAttention& a) {
            return as_double(2 * a.heads * a.head_dim) / as_double(tp);
          },
          // All projections but the last.
          [tp](const RecurrentMixer& recurrent) {
            double width = 0;
            for (const Linear& linear : recurrent.linears) width += as_double(linear.out);
            return width / as_double(tp);
          },
      },
      mixer);
}

double ffn_width(const Ffn& ffn, std::int64_t hidden, std::int64_t tp) {
  return std::visit(
      Overloaded{
          // Gate and up, and their product.
          [tp](const DenseFfn& dense) {
            return (dense.gated ? 3 : 2) * as_double(dense.intermediate) / as_double(tp);
          },
          // Each token once per expert it goes to, in and out.
          [&](const MoeFfn& moe) {
            return moe.real_top_k() *
                   (3 * as_double(moe.intermediate) / as_double(tp) + as_double(hidden));
          },
      },
      ffn);
}

}  // namespace

double activation_bytes_per_token(const Architecture& architecture, const Layout& layout) {
  double widest = 0;
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) {
      widest = std::max(widest, mixer_width(mixer, layout.tp));
    }
    for (const Ffn& ffn : group.layer.ffns) {
      widest = std::max(widest, ffn_width(ffn, architecture.hidden, layout.tp));
    }
  }
  return (2 * as_double(architecture.hidden) + widest) * kActivationBytes;
}

double tower_activation_bytes(const Architecture& architecture, const Allocation& allocation) {
  if (architecture.towers.empty() || allocation.policy != PoolPolicy::kShareOfAll) return 0;
  // The trial run encodes the largest image. A published log of gemma-3-4b-it has a peak of 9.96
  // GiB (vLLM pull request 21489), 0.4 more than its text model's sampling takes. Llama 4's largest
  // image has 17 tiles: the one published pool (Scout on two H100, 8253 blocks: inference-sim,
  // testdata) leaves 4.3 GiB to it, taken from there for want of a log.
  return (architecture.family == "llama4" ? 4.3 : 0.4) * kGiB;
}

Activations::Activations(const Architecture& architecture, const Layout& layout,
                         const Allocation& allocation)
    : layer_bytes_(activation_bytes_per_token(architecture, layout)),
      hidden_bytes_(2 * as_double(architecture.hidden) * kActivationBytes),
      row_bytes_(as_double(architecture.vocabulary) * allocation.bytes_per_logit),
      constant_bytes_(allocation.workspace_bytes +
                      tower_activation_bytes(architecture, allocation)),
      logits_of_all_tokens_(allocation.logits_of_all_tokens) {}

double Activations::bytes(std::int64_t tokens, std::int64_t sequences) const {
  const double t = as_double(tokens);
  const double rows = logits_of_all_tokens_ ? t : as_double(sequences);
  // Layers are done when logits are sampled: only what they hand on is still there.
  return std::max(t * layer_bytes_, t * hidden_bytes_ + rows * row_bytes_) + constant_bytes_;
}

}  // namespace tokencast
