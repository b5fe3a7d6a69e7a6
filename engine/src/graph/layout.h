// How a model is spread over accelerators, and in which formats it computes.
//
// gpus = tp · pp · dp. Tensor parallel ranks split each layer, pipeline stages split the layers,
// and data parallel replicas take different requests. Experts are spread over ep ranks: within a
// tensor parallel group where ep ≤ tp, else over ep / tp replicas, whose attention then runs data
// parallel while they step together.
//
// Ignores: context and sequence parallelism, experts that are kept twice, columns that mxfp4
// experts are filled up with, and stages of unequal length: each has the mean of all layers.
#ifndef TOKENCAST_GRAPH_LAYOUT_H_
#define TOKENCAST_GRAPH_LAYOUT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "model/architecture.h"

namespace tokencast {

struct Speculation;

/// What of a rank lies in the host's memory, and is read from there whenever it is needed.
struct Offload {
  double weight_bytes = 0;   ///< of the layers, at most layer_bytes_per_rank
  double kv_bytes = 0;       ///< room for KV, once the accelerator's own is full
  double kv_pool_bytes = 0;  ///< the accelerator's own, where there is kv_bytes
};

struct Layout {
  std::int64_t tp = 1;
  WeightFormats weights;
  DType kv_dtype = DType::kBf16;
  DType compute = DType::kBf16;         ///< of 16 bit operators
  DType linear_compute = DType::kBf16;  ///< of quantized linear layers
  std::int64_t pp = 1;
  std::int64_t dp = 1;
  std::int64_t ep = 1;
  std::int64_t domain = 0;  ///< accelerators that one link joins; beyond it the network; 0: all
  std::shared_ptr<const Speculation> speculation;  ///< nothing: each step decodes one token
  double expert_skew = 1;  ///< largest load of a rank that shares experts, over the usual one
  bool two_batch = false;  ///< halves of a step's batch take turns: one computes, one communicates
  Offload offload;

  std::int64_t gpus() const { return tp * pp * dp; }
  /// Replicas that share experts and so step together.
  std::int64_t attention_replicas() const { return ep > tp ? ep / tp : 1; }
  /// Ranks that each expert's matrices are split over.
  std::int64_t expert_tp() const { return ep > tp ? 1 : tp / ep; }
  /// Ranks of one pipeline and of the replicas that share its experts.
  std::int64_t ranks_together() const { return tp * pp * attention_replicas(); }
  /// Schedulers that each take a share of the requests: replicas, and in each of them as many
  /// micro-batches as there are stages, one in each stage at a time.
  std::int64_t schedulers() const { return dp * pp; }
};

/// Returns the largest of as equal shares as there can be.
constexpr std::int64_t largest_share(std::int64_t whole, std::int64_t shares) {
  return (whole + shares - 1) / shares;
}

/// Returns the link domains that a group of ranks reaches over; stride: how far apart neighbours
/// are.
std::int64_t domains_of(const Layout& layout, std::int64_t ranks, std::int64_t stride = 1);

/// Returns layers over stages, rounded up, as a share of all layers: what one rank keeps of them.
double layers_on_rank(const Architecture& architecture, const Layout& layout);

/// Returns the tensor parallel sizes up to most, ascending, that split heads and FFN evenly and cut
/// through no group of weights with one scale (a 128 wide block of an fp8 checkpoint); engines
/// refuse to load others. Experts are spread over ep ranks first.
std::vector<std::int64_t> legal_tensor_parallel(const Architecture& architecture,
                                                const WeightFormats& weights, std::int64_t most,
                                                std::int64_t ep = 1);

/// Returns the expert parallel sizes up to tp · dp, ascending, that divide the experts of every
/// layer and fit tp and dp: those that divide tp, and multiples of tp by a divisor of dp. 1 alone
/// for models without experts.
std::vector<std::int64_t> legal_expert_parallel(const Architecture& architecture,
                                                const Layout& layout);

/// Returns how many layers there are, the most stages that make sense.
std::int64_t layers_of(const Architecture& architecture);

/// Returns the bytes of the layers' weights on one rank, wherever they lie.
double layer_bytes_per_rank(const Architecture& architecture, const Layout& layout);

/// Returns the bytes of weights, wherever they lie, on the rank that has most: the mean of stages,
/// with the embedding table or the head on the first or last.
double weight_bytes_per_rank(const Architecture& architecture, const Layout& layout);

}  // namespace tokencast

#endif  // TOKENCAST_GRAPH_LAYOUT_H_
