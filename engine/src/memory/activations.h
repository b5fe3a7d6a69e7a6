// What the steps of an engine need beside weights and KV cache.
//
// Ignores: fragmentation, and what compilers reuse better or worse than layer by layer.
#ifndef TOKENCAST_MEMORY_ACTIVATIONS_H_
#define TOKENCAST_MEMORY_ACTIVATIONS_H_

#include <cstdint>

#include "graph/step.h"
#include "memory/allocation.h"

namespace tokencast {

/// Returns the bytes that one token adds to the live tensors of the widest layer on a rank:
/// residual and normed input, then either attention's projections or the FFN's.
double activation_bytes_per_token(const Architecture& architecture, const Layout& layout);

/// Returns what encoders of images and sound add to the peak of the engine's trial run.
double tower_activation_bytes(const Architecture& architecture, const Allocation& allocation);

/// The peak of a step on one rank.
class Activations {
 public:
  Activations(const Architecture& architecture, const Layout& layout, const Allocation& allocation);
  /// Of a step of tokens, of which sequences are sampled.
  double bytes(std::int64_t tokens, std::int64_t sequences) const;

 private:
  double layer_bytes_, hidden_bytes_, row_bytes_, constant_bytes_;
  bool logits_of_all_tokens_;
};

}  // namespace tokencast

#endif  // TOKENCAST_MEMORY_ACTIVATIONS_H_
