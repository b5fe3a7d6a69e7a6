// Memory of one accelerator: weights, KV cache, activations, and what fits.
//
// Ignores: rounding of the KV cache to blocks, fragmentation, and graphs captured beside the
// engine's memory fraction.
#ifndef TOKENCAST_MEMORY_MEMORY_PLAN_H_
#define TOKENCAST_MEMORY_MEMORY_PLAN_H_

#include <cstdint>

#include "graph/step.h"
#include "hardware/accelerator.h"
#include "model/weights.h"

namespace tokencast {

/// Sequences held at once, each of context_tokens in the end.
struct Load {
  std::int64_t sequences = 1;
  std::int64_t context_tokens = 1;
};

/// Bytes are per accelerator.
struct MemoryPlan {
  double weight_bytes = 0;
  double kv_bytes = 0;          ///< of the load at its longest
  double activation_bytes = 0;  ///< peak of a prefill step
  double other_bytes = 0;       ///< the runtime's own
  double usable_bytes = 0;
  double capacity_bytes = 0;  ///< what the engine may take
  bool fits = false;
  std::int64_t max_concurrency = 0;  ///< sequences of this length that fit; 0: not one
  std::int64_t max_context_tokens =
      0;  ///< of each of this many sequences, at most the model's; 0: not one
  std::int64_t kv_capacity_tokens =
      0;  ///< over all sequences, beside this load's activations; 0: none, or no token adds any

  double used_bytes() const { return weight_bytes + kv_bytes + activation_bytes + other_bytes; }
};

/// memory_fraction is the engine's share of usable memory, over 0 to 1.
MemoryPlan plan_memory(const Architecture& architecture, const Layout& layout,
                       const Accelerator& accelerator, double memory_fraction, const Load& load);

/// Returns the bytes of KV that each rank keeps for one sequence of context_tokens: windows bound
/// their layers, GQA heads spread over ranks, MLA's latent vectors are whole on each.
double kv_bytes_per_sequence(const Architecture& architecture, const Layout& layout,
                             std::int64_t context_tokens);

/// Bytes that one more token adds over the whole model, not per rank.
struct KvPerToken {
  double all = 0;      ///< below any window
  double growing = 0;  ///< of the layers without a window
  double indexer = 0;  ///< of the keys of sparse attention's indexers, beside both
};
KvPerToken kv_bytes_per_token(const Architecture& architecture, DType kv_dtype);

/// Returns the bytes of recurrent states that one sequence keeps, whatever its length.
double state_bytes_per_sequence(const Architecture& architecture);

}  // namespace tokencast

#endif  // TOKENCAST_MEMORY_MEMORY_PLAN_H_
