#include "cost/kernel_of.h"

#include <algorithm>
#include <cmath>

#include "base/overloaded.h"

namespace tokencast {
namespace {

// Engines run their own all-reduce up to this payload, and the library's beyond it: vLLM's
// custom_all_reduce.py takes at most 8 MiB.
constexpr double kOwnAllReduceBytes = 8.0 * 1024 * 1024;
// Routing of trained models is uneven: the mildest of the skews that were measured.
constexpr double kSkew = 1.01;

Kernel attention(const AttentionCore& a) {
  const bool prefill = a.new_keys > 0;
  const bool fp8_kv = bits_of(a.kv_dtype) < 16;
  // Kernels of decode steps that check drafts take a sequence's queries as more heads of one, which
  // share its keys (FlashMLA, FlashAttention's packed GQA).
  const double heads = prefill ? a.heads : a.heads * a.queries;
  const double queries = prefill ? a.queries : 1;
  if (a.latent) {
    LatentAttentionCall call;
    call.prefill = prefill;
    call.sequences = a.sequences;
    call.new_tokens = queries;
    call.cached_tokens = prefill ? a.new_keys - a.queries : a.cached_keys;
    call.heads = heads;
    call.fp8_kv = fp8_kv;
    // Prefill sees unfolded heads (nope + rope, value), decode latent vectors (latent + rope).
    if (prefill) {
      call.nope = a.qk_dim - call.rope;
      call.value = a.v_dim;
    } else {
      call.latent = a.v_dim;
      call.rope = a.qk_dim - a.v_dim;
    }
    return call;
  }
  AttentionCall call;
  call.prefill = prefill;
  call.sequences = a.sequences;
  call.new_tokens = queries;
  call.cached_tokens = a.cached_keys;
  call.heads = heads;
  call.head_dim = (a.qk_dim + a.v_dim) / 2;
  call.kv_heads = std::max(a.kv_elements / (a.qk_dim + a.v_dim), 1.0);
  // A decode step's keys are within the window already.
  call.window = prefill ? a.window : 0;
  call.fp8_kv = fp8_kv;
  return call;
}

Kernel experts(const Experts& e, DType compute, bool dense) {
  if (dense) {
    // One after the other, each read once: as one layer that is as wide as all of them.
    const double read = std::max(e.experts_read, 1.0);
    return GemmCall{std::max(e.rows / read, 1.0), e.matrices() * e.width * read, e.hidden,
                    kernel_format(e.weights, compute), e.weights.bits};
  }
  ExpertsCall call;
  call.tokens = e.tokens;
  call.hidden = e.hidden;
  call.intermediate = e.width;
  call.top_k = e.top_k;
  call.experts = e.experts * e.ep;
  call.ep = e.ep;
  call.skew = kSkew;
  if (e.dispatched) {
    // Only rows of this rank's experts are here, as if it had no others.
    call.top_k = std::min(e.top_k, e.experts);
    call.tokens = e.rows / call.top_k;
    call.experts = e.experts;
    call.ep = 1;
    call.skew = 0;
  }
  call.gated = e.gated;
  call.format = kernel_format(e.weights, compute);
  call.weight_bits = e.weights.bits;
  return call;
}

/// The part within each link domain; nothing where each rank is in one of its own.
std::optional<Kernel> collective(const Communication& c) {
  CollectiveCall call;
  call.ranks = std::floor(static_cast<double>(c.ranks) / static_cast<double>(c.domains));
  call.payload_bytes = c.payload_bytes;
  switch (c.kind) {
    case Exchange::kAllReduce:
      call.kind = Collective::kAllReduce;
      break;
    case Exchange::kAllGather:
      call.kind = Collective::kAllGather;
      break;
    case Exchange::kAllToAll:
      call.kind = Collective::kAllToAll;
      call.payload_bytes /= static_cast<double>(c.domains);
      break;
    case Exchange::kSend:
      // Half of a gather between two, of which each sends half.
      call.kind = Collective::kAllGather;
      call.payload_bytes *= 2;
      break;
  }
  if (call.ranks < 2) return std::nullopt;
  const bool own = c.kind == Exchange::kAllReduce && c.payload_bytes <= kOwnAllReduceBytes;
  call.library = own ? CollectiveLibrary::kEngineGraph : CollectiveLibrary::kNccl;
  return call;
}

Kernel state_update(const StateUpdate& u) {
  LinearMixerCall call;
  call.stage = MixerStage::kDeltaRule;
  call.delta_rule = u.delta_rule;
  call.sequences = u.sequences;
  call.new_tokens = u.tokens / u.sequences;
  call.prefill = call.new_tokens > 1;
  call.heads = u.heads;
  // A square state of each head, as large as the model's.
  constexpr double kDim = 128;
  call.key_heads = u.heads;
  call.key_dim = call.value_dim = kDim;
  call.state_bytes = u.state_bytes;
  return call;
}

}  // namespace

KernelFormat kernel_format(const WeightFormat& weights, DType compute) {
  const bool sixteen_bit = bits_of(weights.dtype) >= 16;
  if (sixteen_bit) return KernelFormat::kBf16;
  if (compute == DType::kInt8) {
    return weights.group > 1 ? KernelFormat::kInt8Block : KernelFormat::kInt8;
  }
  if (weights.weight_only || bits_of(compute) >= 16) {
    constexpr double kBetween = 6;
    if (weights.bits > kBetween) return KernelFormat::kInt8WeightOnly;
    return weights.name == "mxfp4" ? KernelFormat::kMxfp4WeightOnly : KernelFormat::kInt4WeightOnly;
  }
  switch (weights.dtype) {
    case DType::kFp4:
      return weights.name == "nvfp4" ? KernelFormat::kNvfp4 : KernelFormat::kMxfp4Mxfp8;
    case DType::kInt8:
      return KernelFormat::kInt8;
    default:
      return weights.group > 1 ? KernelFormat::kFp8Block : KernelFormat::kFp8;
  }
}

std::optional<Kernel> kernel_of(const Operator& op, bool dense_experts) {
  using Found = std::optional<Kernel>;
  return std::visit(
      Overloaded{
          [&](const Gemm& g) {
            return Found(GemmCall{g.m, g.n * g.batch, g.k, kernel_format(g.weights, op.compute),
                                  g.weights.bits});
          },
          [&](const Experts& e) { return Found(experts(e, op.compute, dense_experts)); },
          [](const AttentionCore& a) { return Found(attention(a)); },
          [](const StateUpdate& u) { return Found(state_update(u)); },
          [](const Elementwise&) { return Found(); },
          [](const EmbeddingLookup&) { return Found(); },
          [](const Communication& c) { return collective(c); },
      },
      op.shape);
}

}  // namespace tokencast
