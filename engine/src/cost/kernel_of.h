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
std::optional<Kernel> kernel_of(const Operator& op);

/// Returns how a linear layer is multiplied: as its weights are stored, or unpacked to 16 bit where
/// compute says so.
KernelFormat kernel_format(const WeightFormat& weights, DType compute);

}  // namespace tokencast

#endif  // TOKENCAST_COST_KERNEL_OF_H_
