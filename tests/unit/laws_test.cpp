// Laws that hold for every model, accelerator and workload, swept over all presets.
#include <cmath>
#include <map>
#include <set>

#include "catch.h"
#include "cost/compute_dtype.h"
#include "memory/memory_plan.h"
#include "model/quantization.h"
#include "models.h"
#include "serving/engine_limits.h"
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

Allocation allocation_of(const Combination& c, EngineFamily engine,
                         const Accelerator& accelerator) {
  const EngineLimits limits = engine_limits({engine, 0, 0}, EngineUse::kServer, accelerator);
  return default_allocation({engine, 0, 0}, c.architecture, accelerator, c.layout.tp,
                            {limits.max_sequences, limits.step_tokens});
}

MemoryPlan plan_of(const Combination& c, EngineFamily engine, const Accelerator& accelerator,
                   const Load& load) {
  return plan_memory(c.architecture, c.layout, accelerator, allocation_of(c, engine, accelerator),
                     load);
}

constexpr double kRounding = 1 + 1e-9;
/// Kernels that run at the limit leave how compute and memory overlap unsaid.
constexpr double kNearly = 1.05;

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
          // Activations may stay in a cache, and tokens may ask for the same experts.
          const double read = op.op.count * least_bytes_of(op.op);
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

TEST_CASE("twice of what binds brings no more than a step's next bound says") {
  for (const Combination& c : combinations()) {
    for (const Workload& workload : kWorkloads) {
      CAPTURE(c.name, workload.input_tokens, workload.concurrency);
      const StaticBatch base = run(c, workload);
      for (StepCost StaticBatch::* phase : {&StaticBatch::prefill, &StaticBatch::decode}) {
        const StepCost& step = base.*phase;
        REQUIRE(step.next.bound != step.bound);
        REQUIRE(step.next.speedup >= 1);
        Combination better = c;
        Accelerator& card = better.accelerator;
        if (step.bound == Bound::kCompute) {
          for (double& peak : card.peak_flops_per_s) peak *= 2;
        } else if (step.bound == Bound::kMemory) {
          card.memory_bandwidth_bytes_per_s *= 2;
        } else {
          continue;
        }
        const double gain = step.time_s / (run(better, workload).*phase).time_s;
        REQUIRE(gain <= step.next.speedup * kNearly);
      }
    }
  }
}

TEST_CASE(
    "a longer prompt, a longer answer and a larger batch take longer; a larger batch serves more") {
  for (const Combination& c : combinations()) {
    CAPTURE(c.name);
    const StaticBatch base = run(c, {1000, 200, 4});
    // Equal, but for rounding, where launching its kernels binds either prompt.
    constexpr double kEqual = 1 - 1e-12;
    REQUIRE(run(c, {2000, 200, 4}).ttft_s.value >= kEqual * base.ttft_s.value);
    REQUIRE(run(c, {2000, 200, 4}).tpot_s->value >= 0.98 * base.tpot_s->value);
    REQUIRE(run(c, {1000, 400, 4}).latency_s.value > base.latency_s.value);
    // Measured kernels change with the batch: a larger one may be served by a slightly faster one.
    constexpr double kNearly = 0.9;
    REQUIRE(run(c, {1000, 200, 8}).tpot_s->value >= kNearly * base.tpot_s->value);
    REQUIRE(run(c, {1000, 200, 8}).output_tokens_per_s.value >=
            kNearly * base.output_tokens_per_s.value);
  }
}

TEST_CASE("KV grows by the token, and less beyond a window") {
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
    REQUIRE(plan_of(c, EngineFamily::kGeneric, c.accelerator, {4, 2048}).kv_bytes == 4 * kv(2048));
  }
}

TEST_CASE("memory: blocks hold what they say, and more memory or smaller KV never holds less") {
  const std::vector<EngineFamily> engines = {EngineFamily::kGeneric,  EngineFamily::kVllm,
                                             EngineFamily::kSglang,   EngineFamily::kTensorRtLlm,
                                             EngineFamily::kLlamaCpp, EngineFamily::kTransformers};
  // Requests by a linear congruential generator (Knuth, The Art of Computer Programming, 3.3.4).
  std::uint64_t state = 1;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>((state >> 33) % below);
  };
  for (const Combination& c : combinations()) {
    const EngineFamily engine = engines[static_cast<std::size_t>(random(engines.size()))];
    const Load load = {1 + random(64), 1 + random(20000)};
    CAPTURE(c.name, name_of(engine), load.sequences, load.context_tokens);
    Accelerator larger = c.accelerator;
    larger.usable_memory_bytes *= 2;
    const MemoryPlan base = plan_of(c, engine, c.accelerator, load);
    const MemoryPlan more = plan_of(c, engine, larger, load);
    REQUIRE(more.max_concurrency >= base.max_concurrency);
    REQUIRE(more.max_context_tokens >= base.max_context_tokens);
    REQUIRE(more.kv_capacity_tokens >= base.kv_capacity_tokens);
    REQUIRE(more.kv_pool_bytes >= base.kv_pool_bytes);
    REQUIRE(base.kv_capacity_tokens == base.kv_blocks * base.kv_block_tokens);
    REQUIRE(base.capacity_bytes <= base.usable_bytes * kRounding);
    if (base.fits) REQUIRE(base.used_bytes() <= base.capacity_bytes * kRounding);
    REQUIRE(base.fits == (base.max_concurrency >= load.sequences));
    // What a sequence takes grows by blocks, and covers what it needs where windows bound it.
    const Allocation allocation = allocation_of(c, engine, c.accelerator);
    const KvCache cache(c.architecture, c.layout, allocation);
    const std::int64_t block = cache.block_tokens();
    const std::int64_t n = 1 + random(500);
    REQUIRE(cache.bytes_of(n * block) >= cache.bytes_of((n - 1) * block + 1));
    REQUIRE(cache.bytes_of(n * block) == cache.bytes_of((n - 1) * block + 1));
    REQUIRE(cache.bytes_of(n * block) * kRounding >=
            kv_bytes_per_sequence(c.architecture, c.layout, n * block));
    // A block's bytes are linear in its tokens.
    Combination narrow = c;
    narrow.layout.kv_dtype = DType::kFp8;
    const MemoryPlan smaller = plan_of(narrow, engine, c.accelerator, load);
    const KvPerToken per_token = kv_bytes_per_token(c.architecture, DType::kBf16);
    const bool plain = per_token.indexer == 0 && state_bytes_per_sequence(c.architecture) == 0;
    if (plain) {
      REQUIRE(smaller.kv_capacity_tokens >= 2 * base.kv_capacity_tokens - base.kv_block_tokens);
    }
  }
}

TEST_CASE("tensor parallel ranks hold the weights of the whole to the byte") {
  // Split tensors once over all ranks, replicated ones once on each, and KV heads as often as there
  // are ranks for each.
  for (const Combination& c : combinations()) {
    CAPTURE(c.name);
    const std::int64_t tp = c.layout.tp;
    const auto all = static_cast<double>(tp);
    double whole = 0;
    for (const WeightTensor& tensor : weight_tensors(c.architecture)) {
      const WeightFormat& format =
          tensor.quantizable ? c.layout.weights.of(tensor.group, tensor.component, tensor.name)
                             : c.layout.weights.other;
      double copies = tensor.sharding == Sharding::kReplicated ? all : 1;
      if (tensor.sharding == Sharding::kKvHeads) {
        copies = all * kv_heads_on_rank(tensor.kv_heads, tp) / static_cast<double>(tensor.kv_heads);
      }
      whole += copies * tensor.elements * tensor.count * format.bits / 8;
    }
    REQUIRE(std::abs(all * weight_bytes_per_rank(c.architecture, c.layout.weights, tp) - whole) <
            1);
  }
}

TEST_CASE("tensor parallel ranks compute what the whole computes") {
  // Each operator is split evenly, or done on each rank: down projections to latent vectors,
  // routers and what works on hidden states. Projections to K and V have heads that ranks repeat.
  for (const Combination& c : combinations()) {
    if (c.layout.tp == 1) continue;
    CAPTURE(c.name);
    const auto ranks = static_cast<double>(c.layout.tp);
    Layout one = c.layout;
    one.tp = 1;
    for (const Step& step : {Step::prefill(2, 700), Step::decode(8, 3000, 2)}) {
      std::map<std::string, double> split, whole;
      for (const Operator& op : build_step(c.architecture, c.layout, step)) {
        split[op.name] += ranks * op.count * flops_of(op);
      }
      for (const Operator& op : build_step(c.architecture, one, step)) {
        whole[op.name] += op.count * flops_of(op);
      }
      for (const auto& [name, flops] : whole) {
        CAPTURE(name, flops, split[name]);
        REQUIRE(split[name] >= flops * (1 - 1e-12));
        REQUIRE(split[name] <= ranks * flops * (1 + 1e-12));
        const std::set<std::string> kSplit = {
            "output_projection",      "gate_up_projection",  "down_projection", "experts",
            "shared_experts_gate_up", "shared_experts_down", "lm_head",         "attention"};
        if (kSplit.count(name) > 0) REQUIRE(split[name] == Approx(flops).epsilon(1e-12));
      }
    }
  }
}
