#include "serving/closed_loop.h"

#include "catch.h"
#include "models.h"
#include "serving/request_run.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

/// An engine that takes 10 ms for each step, and 1 ms more for each 100 tokens of prompt. Its band
/// is 0.8 to 2 times that.
Banded linear_time(const std::vector<Step>& parts) {
  double time_s = 0.010;
  for (const Step& part : parts) {
    if (part.phase != Phase::kPrefill) continue;
    time_s += 0.00001 * static_cast<double>(part.sequences * part.new_tokens);
  }
  return {time_s, 0.8 * time_s, 2 * time_s, Source::kTransferred};
}

EngineLimits limits_of(PrefillPolicy policy) {
  EngineLimits limits;
  limits.prefill = policy;
  return limits;
}

constexpr std::int64_t kPlenty = 100000;

void check_littles_law(const ClosedLoop& loop, const Workload& workload) {
  const auto users = static_cast<double>(workload.concurrency);
  const auto steps = static_cast<double>(workload.output_tokens - 1);
  CHECK(loop.requests_per_s.value * loop.latency_s.value == Approx(users).epsilon(1e-12));
  CHECK(loop.requests_per_s.low * loop.latency_s.high == Approx(users).epsilon(1e-12));
  CHECK(loop.latency_s.value ==
        Approx(loop.ttft_s.value + loop.tpot_s.value * steps).epsilon(1e-12));
  CHECK(loop.requests_per_s.value * loop.tpot_s.value * steps ==
        Approx(loop.decoding).epsilon(1e-12));
  CHECK(loop.output_tokens_per_s.value ==
        Approx(loop.requests_per_s.value * static_cast<double>(workload.output_tokens)));
}

}  // namespace

TEST_CASE("one user waits for nobody") {
  // Prefill of 1000 tokens: 10 + 10 ms. 100 later tokens: 10 ms each. 1.02 s per request.
  for (const PrefillPolicy policy : {PrefillPolicy::kMixed, PrefillPolicy::kFirst}) {
    const Workload workload = {1000, 101, 1};
    const ClosedLoop loop = run_closed_loop(linear_time, limits_of(policy), kPlenty, workload);
    CHECK(loop.ttft_s.value == Approx(0.020));
    CHECK(loop.tpot_s.value == Approx(0.010));
    CHECK(loop.latency_s.value == Approx(1.020));
    CHECK(loop.requests_per_s.value == Approx(1 / 1.020));
    CHECK(loop.total_tokens_per_s.value == Approx(1101 / 1.020));
    CHECK(loop.ttft_s.source == Source::kTransferred);  // as that of its steps
    check_littles_law(loop, workload);
  }
}

TEST_CASE("prefill of others slows decoding") {
  // 11 users, each with 1 step of prefill and 100 of decoding. A step that prefills takes 20 ms
  // instead of 10, and 10 of those that decode somebody prefill for others:
  // TPOT = 10 + 10/100 · 10 ms, TTFT = 20 ms.
  const Workload workload = {1000, 101, 11};
  const ClosedLoop loop =
      run_closed_loop(linear_time, limits_of(PrefillPolicy::kMixed), kPlenty, workload);
  CHECK(loop.tpot_s.value == Approx(0.011));
  CHECK(loop.ttft_s.value == Approx(0.020));
  CHECK(loop.requests_per_s.value == Approx(11 / 1.120));
  check_littles_law(loop, workload);

  // Where prompts come first, decoding stands still for the whole of their steps:
  // TPOT = 10 + 10/100 · 20 ms.
  const ClosedLoop first =
      run_closed_loop(linear_time, limits_of(PrefillPolicy::kFirst), kPlenty, workload);
  CHECK(first.tpot_s.value == Approx(0.012));
  CHECK(first.ttft_s.value == Approx(0.020));
  check_littles_law(first, workload);
}

TEST_CASE("prompts that need every step bound the throughput") {
  // Prompts of 8000 tokens, 2 output tokens. Of the 8192 tokens of a step 8192/8001 are decoded,
  // the rest are of prompts: 10 + 81.91 ms for 1.0239 prompts.
  const Workload workload = {8000, 2, 64};
  const ClosedLoop loop =
      run_closed_loop(linear_time, limits_of(PrefillPolicy::kMixed), kPlenty, workload);
  CHECK(loop.requests_per_s.value == Approx(1.0239 / 0.09191).epsilon(1e-3));
  CHECK(loop.tpot_s.value == Approx(0.09191).epsilon(1e-3));
  CHECK(loop.ttft_s.value ==
        Approx(64 * 0.09191 / 1.0239).epsilon(0.02));  // most of it in the queue
  check_littles_law(loop, workload);
}

TEST_CASE("the engine's places and the KV cache limit what runs, not what is answered") {
  EngineLimits limits = limits_of(PrefillPolicy::kMixed);
  limits.max_sequences = 16;
  const ClosedLoop few = run_closed_loop(linear_time, limits, kPlenty, {100, 101, 16});
  const ClosedLoop many = run_closed_loop(linear_time, limits, kPlenty, {100, 101, 160});
  CHECK(few.limit == LoopLimit::kUsers);
  CHECK(many.limit == LoopLimit::kEngine);
  CHECK(many.running == 16);
  CHECK(many.decoding <= 16);
  // Ten times as many users: the same throughput, and nine tenths of them in the queue.
  CHECK(many.requests_per_s.value == Approx(few.requests_per_s.value).epsilon(0.02));
  CHECK(many.ttft_s.value > 8 * many.latency_s.value / 10);
  check_littles_law(many, {100, 101, 160});

  const ClosedLoop memory = run_closed_loop(linear_time, limits, 4, {100, 101, 160});
  CHECK(memory.limit == LoopLimit::kMemory);
  CHECK(memory.running == 4);
}

TEST_CASE("with one output token there is only prefill") {
  // 8 prompts of 1000 fit into a step of 8192 tokens: 90 ms.
  const Workload workload = {1000, 1, 8};
  const ClosedLoop loop =
      run_closed_loop(linear_time, limits_of(PrefillPolicy::kMixed), kPlenty, workload);
  CHECK(loop.latency_s.value == Approx(0.090));
  CHECK(loop.tpot_s.value == 0);
  CHECK(loop.requests_per_s.value == Approx(8 / 0.090));
}

TEST_CASE("laws of the closed loop on a real model") {
  const Architecture model = architecture_of(kQwen25_32B);
  const Layout layout = layout_of(model);
  Accelerator accelerator = preset_accelerator("h20-96-sxm");
  const auto loop_on = [&](const Accelerator& on, const Workload& workload, PrefillPolicy policy) {
    const Deployment deployment = {&model, &layout, generic_model(on)};
    const EngineLimits limits = limits_of(policy);
    const StepTimes times = [&](const std::vector<Step>& parts) {
      return step_time(deployment, parts);
    };
    return run_closed_loop(times, limits, sequences_in_memory(deployment, limits, workload),
                           workload);
  };
  for (const PrefillPolicy policy : {PrefillPolicy::kMixed, PrefillPolicy::kFirst}) {
    for (const auto& [input, output] : {std::pair<std::int64_t, std::int64_t>{128, 1024},
                                        {1024, 1024},
                                        {8192, 128},
                                        {20000, 16}}) {
      double before = 0;
      double unloaded = 0;
      for (const std::int64_t users : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}) {
        const Workload workload = {input, output, users};
        const ClosedLoop loop = loop_on(accelerator, workload, policy);
        check_littles_law(loop, workload);
        if (users == 1) unloaded = loop.ttft_s.value;
        INFO("policy " << static_cast<int>(policy) << " input " << input << " output " << output
                       << " users " << users);
        CHECK(loop.requests_per_s.value >= before * (1 - 1e-3));
        CHECK(loop.ttft_s.value >= unloaded * (1 - 1e-9));
        CHECK(loop.decoding <= static_cast<double>(loop.running) + 1e-9);
        CHECK(loop.ttft_s.low <= loop.ttft_s.value);
        CHECK(loop.ttft_s.value <= loop.ttft_s.high);
        before = loop.requests_per_s.value;

        Accelerator faster = accelerator;
        faster.memory_bandwidth_bytes_per_s *= 2;
        const ClosedLoop fast = loop_on(faster, workload, policy);
        CHECK(fast.requests_per_s.value >= loop.requests_per_s.value * (1 - 1e-9));
      }
    }
  }
}

TEST_CASE("the closed form agrees with the simulated run") {
  const Architecture model = architecture_of(kQwen25_32B);
  const Layout layout = layout_of(model);
  const Accelerator accelerator = preset_accelerator("h20-96-sxm");
  const Deployment deployment = {&model, &layout, generic_model(accelerator)};
  const StepTimes times = [&](const std::vector<Step>& parts) {
    return step_time(deployment, parts);
  };
  for (const PrefillPolicy policy : {PrefillPolicy::kMixed, PrefillPolicy::kFirst}) {
    const EngineLimits limits = limits_of(policy);
    for (const auto& [input, output] :
         {std::pair<std::int64_t, std::int64_t>{256, 512}, {1024, 1024}, {4096, 256}}) {
      for (const std::int64_t users : {1, 8, 32, 128}) {
        const Workload workload = {input, output, users};
        const ClosedLoop loop = run_closed_loop(times, limits, 64, workload);
        StepTable table(times, input, 2 * output);
        // Long enough that start and end do not count; lengths spread, so that users disperse.
        const RequestRun run = {users, 40 * users, input, output, LengthSpread::kEven, 0.5};
        const RunResult result = simulate(run, limits, 64, table);
        INFO("policy " << static_cast<int>(policy) << " input " << input << " output " << output
                       << " users " << users);
        const double requests_per_s = static_cast<double>(run.requests) / result.duration_s.value;
        CHECK(loop.requests_per_s.value == Approx(requests_per_s).epsilon(0.08));
        CHECK(loop.tpot_s.value == Approx(result.tpot_s.value).epsilon(0.08));
      }
    }
  }
}
