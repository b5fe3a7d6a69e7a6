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
/// Returns the kernel of an operator; nothing for those that only stream over memory.
/// dense_experts: routed experts run in the engine's kernels of dense layers.
std::optional<Kernel> kernel_of(const Operator& op, bool dense_experts = false);

/// Returns how a linear layer is multiplied: as its weights are stored, or unpacked to 16 bit where
/// compute says so.
KernelFormat kernel_format(const WeightFormat& weights, DType compute);

}  // namespace tokencast

#endif  // TOKENCAST_COST_KERNEL_OF_H_
