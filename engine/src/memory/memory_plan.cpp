#include "memory/memory_plan.h"

#include <algorithm>
#include <cmath>

#include "base/overloaded.h"

namespace tokencast {
namespace {

// vLLM's default --max-num-batched-tokens for serving: the longest prefill step that activations
// must hold.
constexpr std::int64_t kMaxBatchedTokens = 8192;
// Runtime context, libraries and communication buffers beside the tensors: vLLM logs 0.3 to 1.5 GiB
// of non-torch memory and captured graphs in its start-up profile; the middle of it.
constexpr double kRuntimeBytes = 1.0 * 1024 * 1024 * 1024;
constexpr double kActivationBytes = 2;
constexpr double kLogitBytes = 4;  // logits are fp32 when they are sampled
// Indexer keys are kept in fp8 with an fp32 scale for each 128 (vLLM's indexer cache of
// DeepSeek-V3.2: 132 bytes for a key of 128).
constexpr double kIndexBytesPerElement = 132.0 / 128;
constexpr std::int64_t kMostSequences = std::int64_t{1} << 24;
constexpr std::int64_t kMostTokens = std::int64_t{1} << 32;

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

/// The widest layer's live tensors: residual and normed input, then either attention's projections
/// or the FFN's.
double activation_bytes(const Architecture& architecture, const Layout& layout, const Load& load) {
  double widest = 0;
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) {
      widest = std::max(widest, mixer_width(mixer, layout.tp));
    }
    for (const Ffn& ffn : group.layer.ffns) {
      widest = std::max(widest, ffn_width(ffn, architecture.hidden, layout.tp));
    }
  }
  const double prompt_tokens = as_double(load.sequences) * as_double(load.context_tokens);
  const double tokens = std::min(prompt_tokens, as_double(kMaxBatchedTokens));
  return tokens * (2 * as_double(architecture.hidden) + widest) * kActivationBytes +
         as_double(load.sequences) * as_double(architecture.vocabulary) * kLogitBytes;
}

double used_bytes(const Architecture& architecture, const Layout& layout, double weight_bytes,
                  const Load& load) {
  return weight_bytes + kRuntimeBytes + activation_bytes(architecture, layout, load) +
         as_double(load.sequences) *
             kv_bytes_per_sequence(architecture, layout, load.context_tokens);
}

/// Returns the largest value in 1 to most for which fits holds, 0 when none; fits must not come
/// back once lost.
template <class Fits>
std::int64_t largest(std::int64_t most, const Fits& fits) {
  std::int64_t good = 0;
  std::int64_t bad = most + 1;
  while (bad - good > 1) {
    const std::int64_t middle = good + (bad - good) / 2;
    (fits(middle) ? good : bad) = middle;
  }
  return good;
}

}  // namespace

double kv_bytes_per_sequence(const Architecture& architecture, const Layout& layout,
                             std::int64_t context_tokens) {
  const double kv_bytes = bits_of(layout.kv_dtype) / 8;
  const double context = as_double(context_tokens);
  double bytes = 0;
  for (const LayerGroup& group : architecture.layers) {
    double layer_bytes = 0;
    for (const Mixer& mixer : group.layer.mixers) {
      const std::int64_t window = window_of(mixer);
      const std::int64_t kept = window > 0 ? std::min(window, context_tokens) : context_tokens;
      const double elements = as_double(kept) * kv_elements_on_rank(mixer, layout.tp) +
                              context * compressed_elements_per_token(mixer);
      layer_bytes +=
          elements * kv_bytes + context * index_elements_per_token(mixer) * kIndexBytesPerElement;
      if (const auto* recurrent = std::get_if<RecurrentMixer>(&mixer)) {
        layer_bytes += state_bytes_on_rank(*recurrent, architecture, layout.tp);
      }
    }
    bytes += as_double(group.count) * layer_bytes;
  }
  return bytes;
}

KvPerToken kv_bytes_per_token(const Architecture& architecture, DType kv_dtype) {
  const double kv_bytes = bits_of(kv_dtype) / 8;
  KvPerToken per_token;
  for (const LayerGroup& group : architecture.layers) {
    const double count = as_double(group.count);
    for (const Mixer& mixer : group.layer.mixers) {
      const double whole = count * kv_elements_per_token(mixer) * kv_bytes;
      const double compressed = count * compressed_elements_per_token(mixer) * kv_bytes;
      per_token.all += whole + compressed;
      per_token.growing += compressed + (window_of(mixer) == 0 ? whole : 0);
      per_token.indexer += count * index_elements_per_token(mixer) * kIndexBytesPerElement;
    }
  }
  return per_token;
}

double state_bytes_per_sequence(const Architecture& architecture) {
  double bytes = 0;
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) {
      if (const auto* recurrent = std::get_if<RecurrentMixer>(&mixer)) {
        bytes += as_double(group.count) * state_bytes_on_rank(*recurrent, architecture, 1);
      }
    }
  }
  return bytes;
}

MemoryPlan plan_memory(const Architecture& architecture, const Layout& layout,
                       const Accelerator& accelerator, double memory_fraction, const Load& load) {
  MemoryPlan plan;
  plan.usable_bytes = accelerator.usable_memory_bytes;
  plan.capacity_bytes = plan.usable_bytes * memory_fraction;
  plan.weight_bytes = weight_bytes_per_rank(architecture, layout.weights, layout.tp);
  plan.kv_bytes =
      as_double(load.sequences) * kv_bytes_per_sequence(architecture, layout, load.context_tokens);
  plan.activation_bytes = activation_bytes(architecture, layout, load);
  plan.other_bytes = kRuntimeBytes;
  plan.fits = plan.used_bytes() <= plan.capacity_bytes;

  const auto fits = [&](const Load& other) {
    return used_bytes(architecture, layout, plan.weight_bytes, other) <= plan.capacity_bytes;
  };
  plan.max_concurrency = largest(kMostSequences, [&](std::int64_t sequences) {
    return fits({sequences, load.context_tokens});
  });
  const std::int64_t longest =
      architecture.max_context > 0 ? architecture.max_context : kMostTokens;
  plan.max_context_tokens =
      largest(longest, [&](std::int64_t tokens) { return fits({load.sequences, tokens}); });

  // One token of one sequence below any window: the unit in which engines log their KV capacity.
  const double kv_pool = plan.capacity_bytes - plan.used_bytes() + plan.kv_bytes;
  const double per_token = kv_bytes_per_sequence(architecture, layout, 2) -
                           kv_bytes_per_sequence(architecture, layout, 1);
  if (per_token > 0) {
    plan.kv_capacity_tokens =
        static_cast<std::int64_t>(std::max(0.0, std::floor(kv_pool / per_token)));
  }
  return plan;
}

}  // namespace tokencast
