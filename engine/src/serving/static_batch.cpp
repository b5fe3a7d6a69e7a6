#include "serving/static_batch.h"

#include <algorithm>

namespace tokencast {
namespace {

constexpr std::int64_t kMostSequences = 65536;

/// A time with its band, never below what the hardware allows.
Quantity time_with_band(const StepCost& step, const Band& band, double floor_s) {
  return {step.time_s, std::max(step.time_s * band.low, floor_s), step.time_s * band.high,
          step.bound, step.source};
}

/// amount per time: the slow end of the time is the low end of the rate.
Quantity rate(double amount, const Quantity& time) {
  return {amount / time.value, amount / time.high, amount / time.low, time.bound, time.source};
}

/// TTFT + TPOT × steps. Both errors come from the same efficiencies, so that the band's ends add
/// up.
Quantity latency(const Quantity& ttft, const Quantity* tpot, double steps) {
  if (tpot == nullptr) return ttft;
  const bool decode_is_longer = tpot->value * steps > ttft.value;
  return {ttft.value + tpot->value * steps, ttft.low + tpot->low * steps,
          ttft.high + tpot->high * steps, decode_is_longer ? tpot->bound : ttft.bound,
          std::max(ttft.source, tpot->source)};
}

double floor_of(const PhysicalLimit& limit) { return std::max(limit.compute_s, limit.memory_s); }

std::optional<std::int64_t> compute_bound_from(const Architecture& architecture,
                                               const Layout& layout, const Accelerator& accelerator,
                                               const Workload& workload) {
  const auto compute_bound = [&](std::int64_t sequences) {
    const Step step = Step::decode(sequences, workload.input_tokens, workload.output_tokens);
    const PhysicalLimit limit = physical_limit(build_step(architecture, layout, step), accelerator);
    return limit.compute_s >= limit.memory_s;
  };
  // FLOPs grow in proportion to the batch and bytes ever more slowly (experts saturate), so the
  // lead changes once.
  if (!compute_bound(kMostSequences)) return std::nullopt;
  std::int64_t memory = 0;
  std::int64_t compute = kMostSequences;
  while (compute - memory > 1) {
    const std::int64_t middle = memory + (compute - memory) / 2;
    (compute_bound(middle) ? compute : memory) = middle;
  }
  return compute;
}

}  // namespace

StaticBatch run_static_batch(const Architecture& architecture, const Layout& layout,
                             const Accelerator& accelerator, const Workload& workload) {
  const auto prefill =
      build_step(architecture, layout, Step::prefill(workload.concurrency, workload.input_tokens));
  const auto decode =
      build_step(architecture, layout,
                 Step::decode(workload.concurrency, workload.input_tokens, workload.output_tokens));
  const auto sequences = static_cast<double>(workload.concurrency);
  const auto outputs = static_cast<double>(workload.output_tokens);
  const auto inputs = static_cast<double>(workload.input_tokens);

  StaticBatch batch;
  batch.prefill = cost_of(prefill, accelerator, layout.tp);
  batch.decode = cost_of(decode, accelerator, layout.tp);
  batch.limits.step = physical_limit(decode, accelerator);
  batch.limits.tokens_per_s_per_user = 1 / floor_of(batch.limits.step);
  batch.limits.compute_bound_from = compute_bound_from(architecture, layout, accelerator, workload);

  batch.ttft_s =
      time_with_band(batch.prefill, prefill_band(), floor_of(physical_limit(prefill, accelerator)));
  if (workload.output_tokens > 1) {
    batch.tpot_s = time_with_band(batch.decode, decode_band(), floor_of(batch.limits.step));
    batch.tokens_per_s_per_user = rate(1, *batch.tpot_s);
  }
  batch.latency_s = latency(batch.ttft_s, batch.tpot_s ? &*batch.tpot_s : nullptr, outputs - 1);
  batch.output_tokens_per_s = rate(sequences * outputs, batch.latency_s);
  batch.total_tokens_per_s = rate(sequences * (inputs + outputs), batch.latency_s);
  batch.requests_per_s = rate(sequences, batch.latency_s);
  return batch;
}

}  // namespace tokencast
