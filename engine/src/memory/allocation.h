// How an engine divides the memory of an accelerator: what it may take, what its steps need at
// most, and in which units it hands out the KV cache. One set of defaults for each engine.
//
// Ignores: what users set differently beyond the fields of a request, adapters, logits of
// drafted tokens, and states that SGLang and TensorRT-LLM set aside for sequences that do not
// run.
#ifndef TOKENCAST_MEMORY_ALLOCATION_H_
#define TOKENCAST_MEMORY_ALLOCATION_H_

#include <cstdint>

#include "base/engine.h"
#include "graph/step.h"
#include "hardware/accelerator.h"

namespace tokencast {

/// What is left for the KV cache, once weights are loaded. "Steps" are activations and buffers.
enum class PoolPolicy {
  kOnDemand,     ///< fraction · usable − weights − steps of this load: nothing is set aside
  kShareOfAll,   ///< fraction · usable − weights − steps at the engine's limits
  kShareStatic,  ///< fraction · usable − weights; steps have the rest of the memory
  kShareOfFree   ///< fraction · (usable − weights − steps at the engine's limits)
};

/// What layers with a window keep.
enum class WindowPolicy {
  kKept,    ///< the window
  kGroups,  ///< the window, in a pool of pages shared by groups of equally many layers
  kShare,   ///< a pool of a fixed share of the tokens of layers without a window
  kIgnored  ///< everything, as other layers
};

/// Limits of what runs at once.
struct StepLimits {
  std::int64_t sequences = 256;
  std::int64_t tokens = 8192;
};

struct Allocation {
  PoolPolicy policy = PoolPolicy::kOnDemand;
  WindowPolicy windows = WindowPolicy::kKept;
  double memory_fraction = 0.9;
  std::int64_t max_batched_tokens = 8192;  ///< of one step
  std::int64_t max_sequences = 256;        ///< that run at once
  std::int64_t block_tokens = 16;          ///< of one block of the KV cache
  double bytes_per_logit = 4;              ///< at the peak of sampling, for each logit
  bool logits_of_all_tokens = false;       ///< of a step, not only of the last of each sequence
  bool towers = true;                      ///< encoders of images and sound are loaded
  bool offloads = true;                    ///< what is in host memory, the accelerator computes
  double runtime_bytes = 0;                ///< beside the tensors, whatever the model
  double workspace_bytes = 0;              ///< of libraries, counted as activations
  double communication_bytes = 0;          ///< of several ranks
  double graph_bytes = 0;                  ///< of captured graphs, as far as the pool pays for them
};

/// Returns what the engine does by default with a model on this accelerator.
Allocation default_allocation(const Engine& engine, const Architecture& architecture,
                              const Accelerator& accelerator, std::int64_t tp,
                              const StepLimits& limits);

}  // namespace tokencast

#endif  // TOKENCAST_MEMORY_ALLOCATION_H_
