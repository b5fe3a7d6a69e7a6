// Laws that hold for every model, accelerator and workload, swept over all presets.
#include "catch.h"
#include "cost/compute_dtype.h"
#include "memory/memory_plan.h"
#include "model/quantization.h"
#include "models.h"
#include "serving/static_batch.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

struct Combination {
  std::string name;
  Architecture architecture;
  Accelerator accelerator;
  Layout layout;
};

// All pairs are more than a test should take: every model on a few accelerators, and the reverse.
const std::vector<std::string> kAccelerators = {"h100-80-sxm", "rtx-4090", "mi300x"};
const std::vector<std::string> kModels = {"qwen2.5-7b", "qwen3-30b-a3b"};

/// A model on an accelerator, as published and with fp8 and int4 weights, on 1 to 8 ranks.
void add_combinations(const std::string& model, const std::string& card,
                      std::vector<Combination>& all) {
  const Architecture architecture = preset_architecture(model);
  const Accelerator accelerator = preset_accelerator(card);
  for (const WeightFormats& weights : {architecture.formats, requested_formats(architecture, "fp8"),
                                       requested_formats(architecture, "int4")}) {
    for (const std::int64_t tp : legal_tensor_parallel(architecture, weights, 8)) {
      Layout layout;
      layout.tp = tp;
      layout.weights = weights;
      const auto compute =
          choose_compute_dtypes(architecture.dtype, layout.weights.linear, accelerator);
      layout.compute = compute.activations;
      layout.linear_compute = compute.linear;
      all.push_back(
          {model + " on " + std::to_string(tp) + " " + card, architecture, accelerator, layout});
    }
  }
}

std::vector<Combination> combinations() {
  std::vector<Combination> all;
  const Presets presets = builtin_presets();
  for (const auto& [model, text] : presets.models) {
    for (const std::string& card : kAccelerators) add_combinations(model, card, all);
  }
  for (const auto& [card, text] : presets.accelerators) {
    for (const std::string& model : kModels) add_combinations(model, card, all);
  }
  return all;
}

const std::vector<Workload> kWorkloads = {
    {1, 2, 1}, {1024, 1024, 1}, {100, 3000, 64}, {30000, 200, 8}};

/// By the calibration that stands for the accelerator's preset, where there is one.
StaticBatch run(const Combination& c, const Workload& workload) {
  return run_static_batch(c.architecture, c.layout, calibrated_model(c.accelerator), workload);
}

constexpr double kRounding = 1 + 1e-9;

bool ordered(const Quantity& q) { return q.low <= q.value && q.value <= q.high && q.low > 0; }

}  // namespace

TEST_CASE("no time beats the hardware, and bands are ordered") {
  for (const Combination& c : combinations()) {
    for (const Workload& workload : kWorkloads) {
      const StaticBatch batch = run(c, workload);
      CAPTURE(c.name, workload.input_tokens, workload.concurrency);
      const double limit = std::max(batch.limits.step.compute_s, batch.limits.step.memory_s);
      REQUIRE(batch.tpot_s->low >= limit);
      REQUIRE(ordered(batch.ttft_s));
      REQUIRE(ordered(*batch.tpot_s));
      REQUIRE(ordered(batch.latency_s));
      REQUIRE(ordered(batch.output_tokens_per_s));
      for (const StepCost* step : {&batch.prefill, &batch.decode}) {
        for (const OperatorCost& op : step->operators) {
          // Activations may stay in a cache.
          const double read = op.bytes.weights + op.bytes.kv;
          REQUIRE(op.time_s * kRounding >= read / c.accelerator.memory_bandwidth_bytes_per_s);
          if (op.flops > 0) {
            REQUIRE(op.time_s * kRounding >= op.flops / c.accelerator.peak(op.op.compute));
          }
        }
      }
    }
  }
}

TEST_CASE("more bandwidth, compute or link is never slower") {
  for (const Combination& c : combinations()) {
    Combination faster = c;
    faster.accelerator.memory_bandwidth_bytes_per_s *= 2;
    Combination stronger = c;
    for (double& peak : stronger.accelerator.peak_flops_per_s) peak *= 2;
    Combination linked = c;
    if (linked.accelerator.link) linked.accelerator.link->bandwidth_bytes_per_s *= 2;
    for (const Workload& workload : kWorkloads) {
      CAPTURE(c.name);
      const double base = run(c, workload).latency_s.value;
      REQUIRE(run(faster, workload).latency_s.value <= base);
      REQUIRE(run(stronger, workload).latency_s.value <= base);
      REQUIRE(run(linked, workload).latency_s.value <= base);
    }
  }
}

TEST_CASE(
    "a longer prompt, a longer answer and a larger batch take longer; a larger batch serves more") {
  for (const Combination& c : combinations()) {
    CAPTURE(c.name);
    const StaticBatch base = run(c, {1000, 200, 4});
    REQUIRE(run(c, {2000, 200, 4}).ttft_s.value > base.ttft_s.value);
    REQUIRE(run(c, {2000, 200, 4}).tpot_s->value >= 0.98 * base.tpot_s->value);
    REQUIRE(run(c, {1000, 400, 4}).latency_s.value > base.latency_s.value);
    // Measured kernels change with the batch: a larger one may be served by a slightly faster one.
    constexpr double kNearly = 0.9;
    REQUIRE(run(c, {1000, 200, 8}).tpot_s->value >= kNearly * base.tpot_s->value);
    REQUIRE(run(c, {1000, 200, 8}).output_tokens_per_s.value >=
            kNearly * base.output_tokens_per_s.value);
  }
}

TEST_CASE("KV grows by the token, and less beyond a window; more memory never holds less") {
  for (const Combination& c : combinations()) {
    CAPTURE(c.name);
    const auto kv = [&](std::int64_t tokens) {
      return kv_bytes_per_sequence(c.architecture, c.layout, tokens);
    };
    REQUIRE(kv(1000) > 0);
    REQUIRE(kv(2000) >= kv(1000));
    REQUIRE(kv(3000) - kv(2000) <= kv(2000) - kv(1000));
    const KvPerToken per_token = kv_bytes_per_token(c.architecture, DType::kBf16);
    if (per_token.all == per_token.growing) {
      REQUIRE(kv(3000) - kv(2000) == kv(2000) - kv(1000));
    }
    Accelerator larger = c.accelerator;
    larger.usable_memory_bytes *= 2;
    const Load load = {4, 2048};
    const MemoryPlan base = plan_memory(c.architecture, c.layout, c.accelerator, 0.9, load);
    const MemoryPlan more = plan_memory(c.architecture, c.layout, larger, 0.9, load);
    REQUIRE(base.kv_bytes == 4 * kv(2048));
    REQUIRE(more.max_concurrency >= base.max_concurrency);
    REQUIRE(more.max_context_tokens >= base.max_context_tokens);
    REQUIRE(more.kv_capacity_tokens >= base.kv_capacity_tokens);
    REQUIRE(base.fits == (base.max_concurrency >= load.sequences));
  }
}
