// Seconds of a step: its operators' kernels, and what the engine adds.
//
// Ignores: overlap between operators, and between a collective and the compute around it, other
// than of two half batches; the units that an all-to-all takes from the compute beside it; and
// prefetching of what is read from the host's memory.
#ifndef TOKENCAST_COST_ROOFLINE_H_
#define TOKENCAST_COST_ROOFLINE_H_

#include <algorithm>
#include <vector>

#include "cost/kernel_time.h"
#include "graph/operator.h"
#include "hardware/accelerator.h"

namespace tokencast {

/// What most of a time goes to.
enum class Bound { kCompute, kMemory, kLink, kOverhead };

std::string name_of(Bound bound);

/// Of all calls of an operator together.
struct OperatorCost {
  Operator op;
  double flops = 0;
  OperatorBytes bytes;
  double link_bytes = 0;
  Parts parts;
  double both = 1;  ///< by how much compute and memory lengthen each other in the parts
  double time_s = 0;
  double least_s = 0;  ///< that the hardware allows
  Bound bound = Bound::kOverhead;
  Source source = Source::kGeneric;
};

/// What binds once what binds now takes no time, and how much faster a step then is: no improvement
/// of the one part alone makes it more.
struct NextBound {
  Bound bound = Bound::kOverhead;
  double speedup = 1;
};

/// A step: its operators and the engine's own overhead.
struct StepCost {
  std::vector<OperatorCost> operators;
  double flops = 0;
  double bytes = 0;
  Parts parts;
  double overlapped_s = 0;  ///< of all-to-all, behind the compute of the other half of the batch
  double time_s = 0;        ///< less what is overlapped
  Bound bound = Bound::kOverhead;
  NextBound next;
  Source source = Source::kGeneric;  ///< the least sure of its operators'
};

/// Returns the cost of a step's operators and of what the engine adds.
///
/// halves: the operators are of two halves of a batch, and in each layer one half's all-to-all runs
/// while the other computes: a layer takes the longer of both.
/// The model's accelerator must have a peak for every op.compute, a link where operators
/// communicate, and one to the host where they read from it.
StepCost cost_of(const std::vector<Operator>& operators, const CostModel& model,
                 const StepShape& shape, bool halves = false);

/// Returns the bytes of weights and KV that a call reads at the least. Operators count the experts
/// that tokens ask for at random; the tokens of a batch are alike and ask for fewer, though hardly
/// for less than half as many: the published TPOT of gpt-oss and MiniMax needs 0.6 of them.
double least_bytes_of(const Operator& op);

/// What the hardware allows at best, at 100 % of peak and bandwidth: no step is faster than the
/// largest of them.
struct PhysicalLimit {
  double compute_s = 0;
  double memory_s = 0;  ///< of weights and KV only: activations may stay on chip
  double host_s = 0;    ///< of what is read from the host's memory
  double bytes_s() const { return std::max(memory_s, host_s); }
  double least_s() const { return std::max(compute_s, bytes_s()); }
};
PhysicalLimit physical_limit(const std::vector<Operator>& operators,
                             const Accelerator& accelerator);

}  // namespace tokencast

#endif  // TOKENCAST_COST_ROOFLINE_H_
