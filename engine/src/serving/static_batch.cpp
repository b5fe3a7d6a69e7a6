#include "serving/static_batch.h"

#include <algorithm>

#include "graph/speculation.h"
#include "serving/step_time.h"

namespace tokencast {
namespace {

constexpr std::int64_t kMostSequences = 65536;

Quantity quantity_of(const StepCost& step, const Banded& time) {
  return {time.value, time.low, time.high, step.bound, step.source};
}

/// amount per time: the slow end of the time is the low end of the rate.
Quantity rate(double amount, const Quantity& time) {
  return {amount / time.value, amount / time.high, amount / time.low, time.bound, time.source};
}

Quantity times(double factor, Quantity time) {
  time.value *= factor;
  time.low *= factor;
  time.high *= factor;
  return time;
}

/// Before the first step, beside whatever binds in it.
Quantity after_s(double before_s, Quantity time) {
  time.value += before_s;
  time.low += before_s;
  time.high += before_s;
  return time;
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

/// How a batch is spread: replicas take equal shares, and pipelines run micro-batches, one in each
/// stage.
struct Spread {
  std::int64_t sequences = 1;  ///< of one micro-batch
  double prefill_steps = 1;    ///< passes of a micro-batch until the last one has its first token

  Spread(const Layout& layout, std::int64_t concurrency) {
    const std::int64_t on_replica = largest_share(concurrency, layout.dp);
    const std::int64_t batches = std::min(layout.pp, on_replica);
    sequences = largest_share(on_replica, batches);
    const auto stages = static_cast<double>(layout.pp);
    prefill_steps = (static_cast<double>(batches) + stages - 1) / stages;
  }
};

std::optional<std::int64_t> compute_bound_from(const Architecture& architecture,
                                               const Layout& layout, const Accelerator& accelerator,
                                               const Workload& workload) {
  const auto compute_bound = [&](std::int64_t sequences) {
    const Step step = Step::decode(sequences, workload.input_tokens, workload.output_tokens);
    const PhysicalLimit limit = physical_limit(build_step(architecture, layout, step), accelerator);
    return limit.compute_s >= limit.bytes_s();
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
  return compute * layout.schedulers();
}

}  // namespace

StaticBatch run_static_batch(const Architecture& architecture, const Layout& layout,
                             const CostModel& model, const Workload& workload) {
  const Accelerator& accelerator = *model.accelerator;
  const Deployment deployment = {&architecture, &layout, model};
  const Spread spread(layout, workload.concurrency);
  const Step prefill = Step::prefill(spread.sequences, workload.input_tokens);
  const Step decode = Step::decode(spread.sequences, workload.input_tokens, workload.output_tokens);
  const auto sequences = static_cast<double>(workload.concurrency);
  const auto outputs = static_cast<double>(workload.output_tokens);
  const auto inputs = static_cast<double>(workload.input_tokens);

  StaticBatch batch;
  batch.prefill = step_cost(deployment, {prefill});
  batch.decode = step_cost(deployment, {decode});
  batch.limits.step = physical_limit(build_step(architecture, layout, decode), accelerator);
  const double gained = layout.speculation ? layout.speculation->tokens_per_step() : 1;
  batch.limits.tokens_per_s_per_user = gained / batch.limits.step.least_s();
  batch.limits.compute_bound_from = compute_bound_from(architecture, layout, accelerator, workload);

  const auto with_band_of = [&](const StepCost& cost, const Step& step) {
    return quantity_of(cost, with_band(model.profile, shape_of(deployment, {step}), cost.time_s,
                                       step_floor_s(deployment, {step}), cost.source));
  };
  batch.ttft_s = after_s(model.profile.request_s,
                         times(spread.prefill_steps, with_band_of(batch.prefill, prefill)));
  if (workload.output_tokens > 1) {
    batch.tpot_s = times(1 / gained, with_band_of(batch.decode, decode));
    batch.tokens_per_s_per_user = rate(1, *batch.tpot_s);
  }
  batch.latency_s = latency(batch.ttft_s, batch.tpot_s ? &*batch.tpot_s : nullptr, outputs - 1);
  batch.output_tokens_per_s = rate(sequences * outputs, batch.latency_s);
  batch.total_tokens_per_s = rate(sequences * (inputs + outputs), batch.latency_s);
  batch.requests_per_s = rate(sequences, batch.latency_s);
  return batch;
}

}  // namespace tokencast
