#include "cost/roofline.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/math.h"
#include "cost/kernel_of.h"
#include "cost/network.h"

namespace tokencast {
namespace {

// What streams over memory reaches of the bandwidth: long KV caches, which do nothing else, stream
// at 77-91 % (kernel measurements of ai-dynamo/aiconfigurator, commit 095f58a5).
constexpr double kStreaming = 0.8;

// Of the link to the host. Copies from pinned memory reach 25 of 31.5 GB/s on A100 (BaM, arXiv
// 2203.04910), and in examples of nvbandwidth 12.4 GB/s (its README) and 55.6 (NVIDIA's blog on
// it), where the links can only be of 15.75 and 63: 79 % to 88 %, and the middle of it.
constexpr double kHostLink = 0.83;

// A small kernel inside a captured graph.
constexpr double kLaunch = 2e-6;

KernelTime streaming_time(const Operator& op, const OperatorBytes& bytes, const CostModel& model,
                          double& limit_s) {
  const Accelerator& accelerator = *model.accelerator;
  KernelTime time;
  time.parts.overhead_s = kLaunch;
  const double flops = flops_of(op);
  if (flops > 0) time.parts.compute_s = flops / accelerator.peak(op.compute);
  time.parts.memory_s = bytes.total() / (accelerator.memory_bandwidth_bytes_per_s * kStreaming);
  time.time_s = time.parts.overhead_s + std::max(time.parts.compute_s, time.parts.memory_s);
  limit_s = std::max(time.parts.compute_s,
                     (bytes.weights + bytes.kv) / accelerator.memory_bandwidth_bytes_per_s);
  return time;
}

/// The part of a collective between link domains, on top of the part within each.
void add_network(const Communication& c, const CostModel& model, KernelTime& time,
                 double& limit_s) {
  const NetworkTime network = network_time(c, *model.accelerator);
  limit_s += network.limit_s;
  time.parts.link_s += network.link_s;
  time.parts.overhead_s += network.latency_s;
  time.time_s += network.link_s + network.latency_s;
  time.source = Source::kGeneric;
}

// Tokens of one batch ask for the same experts: each further one counts as half of one that asks at
// random. With it small and large batches agree: without, TensorRT-LLM's gpt-oss was a third too
// slow at 4 to 128 users, and right at thousands. Unseen errors are alike from 0.3 to 0.5, and grow
// towards 1.
constexpr double kAlike = 0.5;

/// Of the experts that a batch asks for at random, the share that it does ask for.
double asked_share(const Experts& e) {
  const double not_by_one = 1 - e.top_k / (e.experts * e.ep);
  if (not_by_one <= 0 || e.tokens <= 1) return 1;
  return (1 - power(not_by_one, 1 + kAlike * (e.tokens - 1))) / (1 - power(not_by_one, e.tokens));
}

double least_bytes(const Operator& op, const OperatorBytes& bytes) {
  const bool routed = std::holds_alternative<Experts>(op.shape);
  return (routed ? kAlike : 1) * bytes.weights + bytes.kv;
}

/// Of one call; limit_s becomes the least time that the hardware allows.
KernelTime time_of_operator(const Operator& op, const OperatorBytes& bytes, const CostModel& model,
                            double& limit_s) {
  const std::optional<Kernel> kernel = kernel_of(op, model.profile.dense_experts);
  const auto* exchange = std::get_if<Communication>(&op.shape);
  if (!kernel)
    return exchange != nullptr ? KernelTime() : streaming_time(op, bytes, model, limit_s);
  const Accelerator& accelerator = *model.accelerator;
  const auto* collective = std::get_if<CollectiveCall>(&*kernel);
  const double ranks = collective != nullptr ? collective->ranks : 1;
  KernelWork work = work_of(*kernel);
  if (bits_of(work.compute) == bits_of(op.compute)) work.compute = op.compute;
  PeakTimes peak = peak_times(work, accelerator, group_bandwidth(accelerator, ranks));
  // The operator's own work is exact where the kernel's is that of a kernel like it.
  const double flops = flops_of(op);
  const double compute_s = flops > 0 ? flops / accelerator.peak(op.compute) : 0;
  const double memory_s = least_bytes(op, bytes) / accelerator.memory_bandwidth_bytes_per_s;
  peak.limit_s = std::max({compute_s, memory_s, peak.link_s});
  limit_s = peak.limit_s;
  return time_of(*kernel, peak, model);
}

/// Scales a cost and its parts alike, down to the least time that the hardware allows.
void scale(OperatorCost& cost, double factor, double limit_s) {
  if (factor == 1 || cost.time_s <= 0) return;
  const double scaled_s = std::max(cost.time_s * factor, std::min(limit_s, cost.time_s));
  const double share = scaled_s / cost.time_s;
  Parts& parts = cost.parts;
  parts = {share * parts.compute_s, share * parts.memory_s, share * parts.link_s,
           share * parts.overhead_s};
  cost.time_s = scaled_s;
}

/// What comes from the host is read by the kernel that multiplies it, which takes the longer of
/// both for this share of its work: what is longer is the link's.
void add_host(const Accelerator& accelerator, OperatorCost& cost, double& limit_s) {
  const double bytes = host_bytes_of(cost.op);
  if (bytes == 0) return;
  const double least_s = bytes / accelerator.host_bytes_per_s();
  Parts& parts = cost.parts;
  const double own_s = cost.op.host_share * std::max(parts.compute_s, parts.memory_s);
  const double waiting_s = std::max(cost.op.count * least_s / kHostLink - own_s, 0.0);
  parts.link_s += waiting_s;
  cost.time_s += waiting_s;
  cost.link_bytes += cost.op.count * bytes;
  cost.source = Source::kGeneric;
  limit_s = std::max(limit_s, least_s);
}

/// Adds its time as it is before it is scaled to kernels_s.
OperatorCost cost_of(const Operator& op, const CostModel& model, bool decode, double& kernels_s) {
  OperatorCost cost;
  cost.op = op;
  cost.flops = op.count * flops_of(op);
  cost.link_bytes = op.count * link_bytes_of(op);
  const OperatorBytes bytes = bytes_of(op);
  cost.bytes = {op.count * bytes.weights, op.count * bytes.kv, op.count * bytes.activations};
  double limit_s = 0;
  KernelTime time = time_of_operator(op, bytes, model, limit_s);
  const auto* exchange = std::get_if<Communication>(&op.shape);
  if (exchange != nullptr && exchange->domains > 1) add_network(*exchange, model, time, limit_s);
  // In a step a kernel is launched while others run: by a graph, or at the engine's pace.
  time.parts.overhead_s -= time.launch_s;
  cost.source = time.source;
  cost.both = time.both;
  const auto* routed = std::get_if<Experts>(&op.shape);
  // llama.cpp's results are of batches of random tokens, and show nothing of the kind.
  if (decode && routed != nullptr && !model.profile.dense_experts) {
    const double share = asked_share(*routed);
    time.parts.compute_s *= share;
    time.parts.memory_s *= share;
  }
  const double experts = decode ? model.profile.decode_experts : model.profile.experts;
  const double times = op.count * (routed != nullptr ? experts : 1);
  Parts& parts = cost.parts;
  parts = {times * time.parts.compute_s, times * time.parts.memory_s, times * time.parts.link_s,
           times * time.parts.overhead_s};
  // A captured graph hides launches, never work, nor how ranks wait for each other.
  if (decode && exchange == nullptr) parts.overhead_s *= model.profile.graph;
  double larger_s = std::max(parts.compute_s, parts.memory_s);
  cost.time_s = parts.overhead_s + larger_s + parts.link_s;
  cost.least_s = op.count * limit_s;
  if (cost.time_s < cost.least_s) {
    // The part that the limit is of takes the rest.
    const double rest_s = cost.least_s - cost.time_s;
    const double compute_s = cost.flops / model.accelerator->peak(op.compute);
    cost.both = 1;
    if (exchange != nullptr) {
      parts.link_s += rest_s;
    } else if (compute_s * model.accelerator->memory_bandwidth_bytes_per_s >
               cost.bytes.weights + cost.bytes.kv) {
      parts.compute_s = larger_s + rest_s;
    } else {
      parts.memory_s = larger_s + rest_s;
    }
    cost.time_s = cost.least_s;
  }
  kernels_s += cost.time_s;
  add_host(*model.accelerator, cost, limit_s);
  scale(cost, decode ? model.profile.own_decode.factor : model.profile.own_prefill.factor,
        op.count * limit_s);
  larger_s = std::max(parts.compute_s, parts.memory_s);
  if (parts.overhead_s > larger_s + parts.link_s) {
    cost.bound = Bound::kOverhead;
  } else if (parts.link_s > larger_s) {
    cost.bound = Bound::kLink;
  } else {
    cost.bound = parts.compute_s >= parts.memory_s ? Bound::kCompute : Bound::kMemory;
  }
  return cost;
}

/// Operators together, by what binds each of them.
struct Sums {
  Parts by_bound;
  double overlapped_s = 0;  ///< that the sums leave out

  double time_s() const {
    return by_bound.compute_s + by_bound.memory_s + by_bound.link_s + by_bound.overhead_s;
  }
  Bound bound() const {
    const auto& [compute_s, memory_s, link_s, overhead_s] = by_bound;
    const double most = std::max({compute_s, memory_s, link_s, overhead_s});
    if (most == compute_s) return Bound::kCompute;
    if (most == memory_s) return Bound::kMemory;
    return most == link_s ? Bound::kLink : Bound::kOverhead;
  }
};

double& part_of(Parts& parts, Bound bound) {
  switch (bound) {
    case Bound::kCompute:
      return parts.compute_s;
    case Bound::kMemory:
      return parts.memory_s;
    case Bound::kLink:
      return parts.link_s;
    case Bound::kOverhead:
      break;
  }
  return parts.overhead_s;
}

/// gone: takes no time; nullptr: all do. Of each group of layers of halves all-to-all and all else
/// run at once: the longer hides the other.
Sums sums_of(const std::vector<OperatorCost>& operators, bool halves, const Bound* gone) {
  Sums sums;
  std::vector<std::array<double, 2>> groups;
  for (const OperatorCost& cost : operators) {
    Parts parts = cost.parts;
    if (gone != nullptr) {
      part_of(parts, *gone) = 0;
      if (parts.compute_s == 0 || parts.memory_s == 0) {
        parts.compute_s /= cost.both;
        parts.memory_s /= cost.both;
      }
    }
    const Bound larger = parts.compute_s >= parts.memory_s ? Bound::kCompute : Bound::kMemory;
    const double larger_s = std::max(parts.compute_s, parts.memory_s);
    part_of(sums.by_bound, larger) += larger_s;
    sums.by_bound.link_s += parts.link_s;
    sums.by_bound.overhead_s += parts.overhead_s;
    if (!halves || cost.op.group == kNoGroup) continue;
    if (cost.op.group >= groups.size()) groups.resize(cost.op.group + 1);
    const auto* exchange = std::get_if<Communication>(&cost.op.shape);
    const bool to_all = exchange != nullptr && exchange->kind == Exchange::kAllToAll;
    groups[cost.op.group][to_all ? 1 : 0] += parts.overhead_s + larger_s + parts.link_s;
  }
  for (const auto& [others_s, exchange_s] : groups) {
    sums.overlapped_s += std::min(others_s, exchange_s);
  }
  sums.by_bound.link_s -= sums.overlapped_s;
  return sums;
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

StepCost cost_of(const std::vector<Operator>& operators, const CostModel& model,
                 const StepShape& shape, bool halves) {
  StepCost step;
  step.source = Source::kMeasured;
  double kernels_s = 0;
  for (const Operator& op : operators) {
    const OperatorCost cost = cost_of(op, model, shape.decode, kernels_s);
    step.flops += cost.flops;
    step.bytes += cost.bytes.total();
    step.parts.compute_s += cost.parts.compute_s;
    step.parts.memory_s += cost.parts.memory_s;
    step.parts.link_s += cost.parts.link_s;
    step.parts.overhead_s += cost.parts.overhead_s;
    step.time_s += cost.time_s;
    // Streams over memory are known well enough not to make a step less sure.
    const bool exchange = std::holds_alternative<Communication>(op.shape);
    if (exchange || kernel_of(op)) step.source = std::max(step.source, cost.source);
    step.operators.push_back(cost);
  }
  Sums sums = sums_of(step.operators, halves, nullptr);
  const double all_s = sums.time_s();
  step.overlapped_s = sums.overlapped_s;
  step.time_s -= step.overlapped_s;
  kernels_s -= step.overlapped_s;
  // What the engine adds follows from the kernels' time before it was scaled.
  const double factor =
      shape.decode ? model.profile.own_decode.factor : model.profile.own_prefill.factor;
  const double engine_s = factor * added_s(model.profile, shape, kernels_s);
  step.parts.overhead_s += engine_s;
  step.time_s += engine_s;
  sums.by_bound.overhead_s += engine_s;
  // Steps as a whole ask for experts at random, however alike their tokens are.
  const bool fewer = std::min(model.profile.experts, model.profile.decode_experts) < 1;
  const double least_s = fewer ? physical_limit(operators, *model.accelerator).least_s() : 0;
  if (step.time_s < least_s) {
    step.parts.memory_s += least_s - step.time_s;
    sums.by_bound.memory_s += least_s - step.time_s;
    step.time_s = least_s;
  }
  step.bound = sums.bound();
  // Without what binds. Launches bind where kernels then are shorter than they.
  Sums rest = sums_of(step.operators, halves, &step.bound);
  if (step.bound != Bound::kOverhead) {
    const double rest_s = kernels_s * (rest.time_s() / all_s);
    rest.by_bound.overhead_s += factor * added_s(model.profile, shape, rest_s);
  }
  step.next = {rest.bound(), std::max(step.time_s / rest.time_s(), 1.0)};
  return step;
}

double least_bytes_of(const Operator& op) { return least_bytes(op, bytes_of(op)); }

PhysicalLimit physical_limit(const std::vector<Operator>& operators,
                             const Accelerator& accelerator) {
  PhysicalLimit limit;
  for (const Operator& op : operators) {
    const double flops = op.count * flops_of(op);
    if (flops > 0) limit.compute_s += flops / accelerator.peak(op.compute);
    const OperatorBytes bytes = bytes_of(op);
    limit.memory_s +=
        op.count * (bytes.weights + bytes.kv) / accelerator.memory_bandwidth_bytes_per_s;
    const double host_bytes = op.count * host_bytes_of(op);
    if (host_bytes > 0) limit.host_s += host_bytes / accelerator.host_bytes_per_s();
  }
  return limit;
}

}  // namespace tokencast
