#include "serving/request_run.h"

#include "catch.h"

using namespace tokencast;

namespace {

/// 10 ms for each step, and 1 ms more for each 100 tokens of prompt.
Banded linear_time(const std::vector<Step>& parts) {
  double time_s = 0.010;
  for (const Step& part : parts) {
    if (part.phase != Phase::kPrefill) continue;
    time_s += 0.00001 * static_cast<double>(part.sequences * part.new_tokens);
  }
  return {time_s, 0.5 * time_s, 3 * time_s, Source::kTransferred};
}

RunResult run(const RequestRun& requests, const EngineLimits& limits, std::int64_t places) {
  StepTable table(linear_time, requests.input_tokens,
                  static_cast<std::int64_t>(requests.output_length(1)) + 1);
  return simulate(requests, limits, places, table);
}

}  // namespace

TEST_CASE("a batch that fits into one step is prefilled and decodes in lockstep") {
  // 4 prompts of 1024: 10 + 40.96 ms; 99 steps of 10 ms.
  const RunResult result = run({4, 4, 1024, 100}, EngineLimits(), 256);
  CHECK(result.ttft_s.value == Approx(0.05096));
  CHECK(result.tpot_s.value == Approx(0.010));
  CHECK(result.duration_s.value == Approx(0.05096 + 0.99));
  CHECK(result.duration_s.low == Approx(0.5 * (0.05096 + 0.99)));
  CHECK(result.duration_s.high == Approx(3 * (0.05096 + 0.99)));
  CHECK(result.duration_s.source == Source::kTransferred);
  CHECK(result.output_tokens == 400);
  CHECK(result.prompt_tokens == 4096);
}

TEST_CASE("the way to the queue is a part of TTFT alone") {
  EngineLimits limits;
  StepTable table(
      [](const std::vector<Step>&) { return Banded{0.01, 0.008, 0.02, Source::kMeasured}; }, 100,
      11);
  const RequestRun run = {4, 8, 100, 11};
  const RunResult before = simulate(run, limits, 4, table);
  limits.request_s = 0.015;
  const RunResult after = simulate(run, limits, 4, table);
  CHECK(after.ttft_s.value == Approx(before.ttft_s.value + 0.015));
  CHECK(after.ttft_s.low == Approx(before.ttft_s.low + 0.015));
  CHECK(after.tpot_s.value == before.tpot_s.value);
  CHECK(after.duration_s.value == before.duration_s.value);
}

TEST_CASE("requests beyond the places wait for a whole wave") {
  // 2 places for 4 requests: two waves of 10 + 20.48 ms and 990 ms.
  const double wave_s = 0.03048 + 0.99;
  const RunResult result = run({4, 4, 1024, 100}, EngineLimits(), 2);
  CHECK(result.duration_s.value == Approx(2 * wave_s));
  // Two have their first token after 30.48 ms, two a wave later.
  CHECK(result.ttft_s.value == Approx(0.03048 + wave_s / 2));
}

TEST_CASE("long prompts are chunked where the engine does so") {
  EngineLimits limits;
  limits.step_tokens = 512;
  // 1024 tokens in 2 steps of 15.12 ms, the second prompt after the first: decoding of the first
  // takes a token of the second's last two steps.
  const RunResult chunked = run({1, 1, 1024, 2}, limits, 256);
  CHECK(chunked.ttft_s.value == Approx(2 * 0.01512));
  limits.chunks = false;
  const RunResult whole = run({1, 1, 1024, 2}, limits, 256);
  CHECK(whole.ttft_s.value == Approx(0.02024));
}

TEST_CASE("decoding goes on beside prompts, or waits for them") {
  // The first of 2 prompts of 512 has its token after 15.12 ms, its next one after the second
  // prompt's step: mixed, or alone and then 10 ms more.
  EngineLimits limits;
  limits.step_tokens = 512;
  limits.chunks = false;
  const RunResult mixed = run({2, 2, 512, 2}, limits, 256);
  // 512 − 1 tokens are left beside the one that decodes, but a whole prompt is taken: 15.12 ms.
  CHECK(mixed.duration_s.value == Approx(3 * 0.01512 - 0.00512));
  limits.prefill = PrefillPolicy::kFirst;
  const RunResult first = run({2, 2, 512, 2}, limits, 256);
  CHECK(first.duration_s.value == Approx(2 * 0.01512 + 0.010));
}

TEST_CASE("users send the next request when the last one is answered") {
  // One user, 3 requests one after the other.
  const RunResult result = run({1, 3, 1024, 11}, EngineLimits(), 256);
  CHECK(result.duration_s.value == Approx(3 * (0.02024 + 0.1)));
  CHECK(result.ttft_s.value == Approx(0.02024));
}

TEST_CASE("spread lengths keep their mean") {
  for (const RequestRun& requests : {RequestRun{64, 2000, 16, 200, LengthSpread::kEven, 0.5},
                                     RequestRun{64, 2000, 16, 200, LengthSpread::kLongTail, 0}}) {
    const RunResult result = run(requests, EngineLimits(), 256);
    CHECK(result.output_tokens / 2000 == Approx(200).epsilon(0.01));
  }
  const RequestRun chat = {1, 1, 16, 200, LengthSpread::kLongTail, 0};
  CHECK(chat.output_length(0.5) == Approx(100));  // 4 · 200 / 8
  CHECK(chat.output_length(1) == 800);
}

TEST_CASE("one output token needs no decoding") {
  const RunResult result = run({4, 8, 1024, 1}, EngineLimits(), 256);
  CHECK(result.duration_s.value == Approx(2 * 0.05096));
  CHECK(result.tpot_s.value == 0);
}
