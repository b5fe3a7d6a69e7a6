// Memory of one accelerator as an engine allocates it: weights, activations, buffers, the pool of
// the KV cache, and what fits.
//
// Ignores: fragmentation.
#ifndef TOKENCAST_MEMORY_MEMORY_PLAN_H_
#define TOKENCAST_MEMORY_MEMORY_PLAN_H_

#include <cstdint>

#include "graph/step.h"
#include "hardware/accelerator.h"
#include "memory/allocation.h"
#include "memory/kv_cache.h"
#include "model/weights.h"

namespace tokencast {

/// Sequences held at once, each of context_tokens in the end.
struct Load {
  std::int64_t sequences = 1;
  std::int64_t context_tokens = 1;
};

/// Bytes are per accelerator, and in its memory but for the first two.
struct MemoryPlan {
  double host_weight_bytes = 0;    ///< in the host's memory
  double host_kv_bytes = 0;        ///< of the load, which the pool has no room for
  double weight_bytes = 0;         ///< of the language model
  double tower_bytes = 0;          ///< of encoders beside it
  double draft_bytes = 0;          ///< of what drafts tokens for it
  double kv_bytes = 0;             ///< of the load at its longest, states included
  double state_bytes = 0;          ///< of recurrent layers, a part of kv_bytes
  double activation_bytes = 0;     ///< peak of a step
  double runtime_bytes = 0;        ///< beside the tensors
  double communication_bytes = 0;  ///< buffers between ranks
  double graph_bytes = 0;          ///< captured graphs
  double usable_bytes = 0;
  double capacity_bytes = 0;  ///< what the engine may take in all
  double kv_pool_bytes = 0;   ///< what it leaves to the KV cache, with the host's room for it; 0:
                              ///< not even the rest fits
  std::int64_t kv_block_tokens = 1;
  std::int64_t kv_blocks = 0;  ///< each over all layers
  bool fits = false;
  std::int64_t max_concurrency = 0;  ///< sequences of this length that fit; 0: not one
  std::int64_t max_context_tokens =
      0;  ///< of each of this many sequences, at most the model's; 0: not one
  std::int64_t kv_capacity_tokens =
      0;  ///< over all sequences, below any window: blocks · block; 0: none, or no token adds any

  double other_bytes() const { return runtime_bytes + communication_bytes + graph_bytes; }
  double used_bytes() const {
    return weight_bytes + tower_bytes + draft_bytes + kv_bytes + activation_bytes + other_bytes();
  }
  double free_bytes() const { return fits ? capacity_bytes - used_bytes() : 0; }
  double missing_bytes() const { return fits ? 0 : used_bytes() - capacity_bytes; }
};

MemoryPlan plan_memory(const Architecture& architecture, const Layout& layout,
                       const Accelerator& accelerator, const Allocation& allocation,
                       const Load& load);

/// Returns the layout with this in the host's memory; the accelerator's own pool is that of the
/// load.
Layout offloaded(const Architecture& architecture, const Layout& layout,
                 const Accelerator& accelerator, const Allocation& allocation, const Load& load,
                 const Offload& offload);

}  // namespace tokencast

#endif  // TOKENCAST_MEMORY_MEMORY_PLAN_H_
