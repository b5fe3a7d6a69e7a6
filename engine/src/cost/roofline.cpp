#include "cost/roofline.h"

#include <algorithm>

namespace tokencast {
namespace {

/// Bytes/s that one rank can send to the others of its group, in one direction.
double group_bandwidth(const Link& link, std::int64_t ranks) {
  if (link.topology != Topology::kMesh) return link.bandwidth_bytes_per_s;
  // Each peer has its own links: a group of n uses n − 1 of them.
  const auto peers = static_cast<double>(std::max<std::int64_t>(link.domain_size - 1, 1));
  return link.bandwidth_bytes_per_s * std::min(1.0, static_cast<double>(ranks - 1) / peers);
}

OperatorCost cost_of(const Operator& op, const Accelerator& accelerator, std::int64_t ranks) {
  const Efficiency efficiency = efficiency_of(op, accelerator);
  OperatorCost cost;
  cost.op = op;
  cost.source = efficiency.source;
  cost.flops = op.count * flops_of(op);
  cost.link_bytes = op.count * link_bytes_of(op);
  const OperatorBytes bytes = bytes_of(op);
  cost.bytes = {op.count * bytes.weights, op.count * bytes.kv, op.count * bytes.activations};

  Parts& parts = cost.parts;
  parts.overhead_s = op.count * efficiency.overhead_s;
  if (cost.flops > 0) {
    parts.compute_s = cost.flops / (accelerator.peak(op.compute) * efficiency.compute);
  }
  parts.memory_s =
      cost.bytes.total() / (accelerator.memory_bandwidth_bytes_per_s * efficiency.memory);
  if (cost.link_bytes > 0 && accelerator.link) {
    parts.link_s = cost.link_bytes / (group_bandwidth(*accelerator.link, ranks) * efficiency.link);
  }

  const double busy_s = std::max(parts.compute_s, parts.memory_s) + parts.link_s;
  cost.time_s = parts.overhead_s + busy_s;
  if (parts.overhead_s > busy_s) {
    cost.bound = Bound::kOverhead;
  } else if (parts.link_s > 0) {
    cost.bound = Bound::kLink;
  } else {
    cost.bound = parts.compute_s >= parts.memory_s ? Bound::kCompute : Bound::kMemory;
  }
  return cost;
}

}  // namespace

std::string name_of(Bound bound) {
  switch (bound) {
    case Bound::kCompute:
      return "compute";
    case Bound::kMemory:
      return "memory";
    case Bound::kLink:
      return "link";
    case Bound::kOverhead:
      break;
  }
  return "overhead";
}

StepCost cost_of(const std::vector<Operator>& operators, const Accelerator& accelerator,
                 std::int64_t ranks) {
  StepCost step;
  step.source = Source::kMeasured;
  step.parts.overhead_s = step_overhead_s();
  step.time_s = step.parts.overhead_s;
  // Time by what binds each operator, so that the phase can say what most of it goes to.
  Parts by_bound;
  by_bound.overhead_s = step.parts.overhead_s;
  for (const Operator& op : operators) {
    const OperatorCost cost = cost_of(op, accelerator, ranks);
    step.flops += cost.flops;
    step.bytes += cost.bytes.total();
    step.parts.compute_s += cost.parts.compute_s;
    step.parts.memory_s += cost.parts.memory_s;
    step.parts.link_s += cost.parts.link_s;
    step.parts.overhead_s += cost.parts.overhead_s;
    step.time_s += cost.time_s;
    step.source = std::max(step.source, cost.source);
    by_bound.overhead_s += cost.parts.overhead_s;
    const double busy_s = cost.time_s - cost.parts.overhead_s;
    if (cost.parts.link_s > 0) {
      by_bound.link_s += busy_s;
    } else if (cost.parts.compute_s >= cost.parts.memory_s) {
      by_bound.compute_s += busy_s;
    } else {
      by_bound.memory_s += busy_s;
    }
    step.operators.push_back(cost);
  }
  const double most =
      std::max({by_bound.compute_s, by_bound.memory_s, by_bound.link_s, by_bound.overhead_s});
  if (most == by_bound.compute_s) {
    step.bound = Bound::kCompute;
  } else if (most == by_bound.memory_s) {
    step.bound = Bound::kMemory;
  } else if (most == by_bound.link_s) {
    step.bound = Bound::kLink;
  }
  return step;
}

PhysicalLimit physical_limit(const std::vector<Operator>& operators,
                             const Accelerator& accelerator) {
  PhysicalLimit limit;
  for (const Operator& op : operators) {
    const double flops = op.count * flops_of(op);
    if (flops > 0) limit.compute_s += flops / accelerator.peak(op.compute);
    const OperatorBytes bytes = bytes_of(op);
    limit.memory_s +=
        op.count * (bytes.weights + bytes.kv) / accelerator.memory_bandwidth_bytes_per_s;
  }
  return limit;
}

}  // namespace tokencast
