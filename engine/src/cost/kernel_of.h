// Which kernel an engine calls for an operator.
#ifndef TOKENCAST_COST_KERNEL_OF_H_
#define TOKENCAST_COST_KERNEL_OF_H_

#include <optional>

#include "cost/kernel.h"
#include "graph/operator.h"

namespace tokencast {

/// Returns the call that runs op; nothing for what only streams over memory: norms, activations,
/// look-ups.
///
/// Batches of small GEMMs count as one GEMM of all their columns.
/// How the experts of a layer are run.
struct ExpertsRun {
  double ranks = 1;    ///< that share the experts out among them: each has whole ones
  bool dense = false;  ///< in the engine's kernels of dense layers
};

/// Returns the kernel of an operator; nothing for those that only stream over memory.
std::optional<Kernel> kernel_of(const Operator& op, const ExpertsRun& run = {});

/// Returns how a linear layer is multiplied: as its weights are stored, or unpacked to 16 bit where
/// compute says so.
KernelFormat kernel_format(const WeightFormat& weights, DType compute);

}  // namespace tokencast

#endif  // TOKENCAST_COST_KERNEL_OF_H_
