#include "serving/own_measurement.h"

#include "catch.h"
#include "models.h"
#include "report/read_measurement.h"
#include "serving/request_run.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

constexpr Workload kAsked = {1024, 256, 8};

double figure(const OwnRow& row, OwnMetric metric) {
  return row.measured[static_cast<std::size_t>(metric)].value_or(-1);
}

// The form of vLLM 0.11, with a line of its log before; figures are made up.
const std::string kVllm =
    R"(INFO 11-20 10:00:00 [kv_cache_utils.py:1087] GPU KV cache size: 484,016 tokens
INFO 11-20 10:00:00 Maximum concurrency for 8,192 tokens per request: 59.08x
============ Serving Benchmark Result ============
Successful requests:                     320
Maximum request concurrency:             32
Benchmark duration (s):                  93.10
Total input tokens:                      327680
Total generated tokens:                  81920
Request throughput (req/s):              3.44
Output token throughput (tok/s):         879.91
Peak output token throughput (tok/s):    1200.00
Total Token throughput (tok/s):          4399.57
---------------Time to First Token----------------
Mean TTFT (ms):                          812.50
Median TTFT (ms):                        700.11
-----Time per Output Token (excl. 1st token)------
Mean TPOT (ms):                          33.20
==================================================
)";

}  // namespace

TEST_CASE("a summary of vLLM is read, and what its log says of the KV cache") {
  const auto read = read_measurement(kVllm, kAsked);
  REQUIRE(read.ok());
  CHECK(read.value().kv_capacity_tokens == 484016);
  REQUIRE(read.value().rows.size() == 1);
  const OwnRow& row = read.value().rows[0];
  CHECK(row.input_tokens == 1024);  // 327680 / 320
  CHECK(row.output_tokens == 256);  // 81920 / 320
  CHECK(row.users == 32);
  CHECK(row.requests == 320);
  CHECK(figure(row, OwnMetric::kTtft) == Approx(0.8125));
  CHECK(figure(row, OwnMetric::kTpot) == Approx(0.0332));
  CHECK(figure(row, OwnMetric::kOutputRate) == 879.91);  // not the peak
  CHECK(figure(row, OwnMetric::kTotalRate) == 4399.57);
  CHECK(figure(row, OwnMetric::kRequestRate) == 3.44);
}

TEST_CASE("without a stated concurrency it is that of Little's law") {
  // 2 requests/s · (0.5 s + 100 · 20 ms) = 5
  const auto read = read_measurement(
      "Successful requests: 50\nTotal generated tokens: 5050\nMaximum request concurrency: None\n"
      "Request throughput (req/s): 2\nMean TTFT (ms): 500\nMean TPOT (ms): 20\n",
      kAsked);
  REQUIRE(read.ok());
  CHECK(read.value().rows[0].output_tokens == 101);
  CHECK(read.value().rows[0].input_tokens == 1024);  // of the request
  CHECK(read.value().rows[0].users == 5);
}

TEST_CASE("several summaries are several rows; SGLang names some lines otherwise") {
  const auto read = read_measurement(
      kVllm +
          "============ Serving Benchmark Result ============\nMax request concurrency:   not set\n"
          "Concurrency:                             14.2\nMean TTFT (ms):     90\n",
      kAsked);
  REQUIRE(read.ok());
  REQUIRE(read.value().rows.size() == 2);
  CHECK(read.value().rows[1].users == 14);
  CHECK(read.value().rows[1].line == 21);
}

TEST_CASE("logs of engines give the tokens of the KV cache") {
  struct Case {
    const char* text;
    std::int64_t tokens;
  };
  const Case cases[] = {
      {"GPU KV cache size: 1,045,632 tokens", 1045632},
      {"# GPU blocks: 65352, # CPU blocks: 2048", 65352 * 16},
      {"max_total_num_tokens=171008, chunked_prefill_size=8192", 171008},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto read = read_measurement(c.text, kAsked);
    REQUIRE(read.ok());
    CHECK(read.value().kv_capacity_tokens == c.tokens);
    CHECK(read.value().rows.empty());
  }
}

TEST_CASE("a table is read by the names of its columns") {
  for (const char* text : {"concurrency,ttft_ms,tpot_s\n1,95,0.02\n\n8,,0.025\n",
                           "concurrency;ttft_ms;tpot_s\r\n1;95;0.02\r\n8;;0.025\r\n",
                           "Concurrency\tTTFT_ms\ttpot_s\n1\t95\t0.02\n8\t\t0.025\n"}) {
    CAPTURE(text);
    const auto read = read_measurement(text, kAsked);
    REQUIRE(read.ok());
    const std::vector<OwnRow>& rows = read.value().rows;
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].users == 1);
    CHECK(rows[0].input_tokens == 1024);
    CHECK(figure(rows[0], OwnMetric::kTtft) == Approx(0.095));
    CHECK(rows[1].users == 8);
    CHECK_FALSE(rows[1].measured[0].has_value());
    CHECK(figure(rows[1], OwnMetric::kTpot) == 0.025);
  }
}

TEST_CASE("what cannot be read is refused with its line") {
  struct Case {
    const char* text;
    const char* code;
    const char* message;
  };
  const Case cases[] = {
      {"", "measurement_not_understood",
       "No benchmark summary, table or KV cache size is found in the text"},
      {"Mean TTFT (ms): nan\n", "measurement_not_understood",
       "No benchmark summary, table or KV cache size is found in the text"},
      {"ttft_ms,throughput\n1,2\n", "bad_measurement",
       "Line 1: \"throughput\" is not a known column"},
      {"ttft_ms,tpot_ms\n5,2\n7,fast\n", "bad_measurement",
       "Line 3: tpot_ms is \"fast\", not a number above 0, and 1e12 at most"},
      {"ttft_ms,tpot_ms\n0,2\n", "bad_measurement",
       "Line 2: ttft_ms is \"0\", not a number above 0, and 1e12 at most"},
      // It was no number above 0 either.
      {"ttft_ms,tpot_ms\n1e99,2\n", "bad_measurement",
       "Line 2: ttft_ms is \"1e99\", not a number above 0, and 1e12 at most"},
      {"ttft_ms,tpot_ms\n1,2,3\n", "bad_measurement", "Line 2: 3 cells under 2 columns"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto read = read_measurement(c.text, kAsked);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == c.code);
    CHECK(read.error().path == "/measurement");
    CHECK(read.error().message == c.message);
    CHECK_FALSE(read.error().hint.empty());
  }
}

TEST_CASE("factors that rows were made with are found again") {
  const Architecture architecture = preset_architecture("llama-3.1-8b");
  const Layout layout = layout_of(architecture);
  const Accelerator accelerator = preset_accelerator("h100-80-sxm");
  const OwnServer server = {{&architecture, &layout, calibrated_model(accelerator)}, {}, {}};
  std::vector<OwnRow> rows;
  for (const std::int64_t users : {1, 8, 64}) {
    OwnRow row;
    row.input_tokens = 1024;
    row.output_tokens = 128;
    row.users = users;
    row.measured = {1.0, 1.0};  // seconds, replaced below
    rows.push_back(row);
  }
  // As a deployment measures whose steps with prompts and without take this many times as long.
  const auto times = [&](double prefill, double decode) {
    std::vector<OwnRow> made = rows;
    for (OwnRow& row : made) {
      StepTable table(
          [&](const std::vector<Step>& parts) {
            Deployment deployment = server.deployment;
            deployment.cost.profile.own_prefill.factor = prefill;
            deployment.cost.profile.own_decode.factor = decode;
            return step_time(deployment, parts);
          },
          row.input_tokens, row.output_tokens);
      RequestRun run;
      run.users = row.users;
      run.requests = 4 * row.users;
      run.input_tokens = row.input_tokens;
      run.output_tokens = row.output_tokens;
      const RunResult result = simulate(run, server.limits, server.limits.max_sequences, table);
      row.measured[0] = result.ttft_s.value;
      row.measured[1] = result.tpot_s.value;
    }
    return made;
  };
  const OwnFit fit = fit_own(server, times(1.3, 1.8));
  REQUIRE(fit.prefill_factor);
  REQUIRE(fit.decode_factor);
  CHECK(*fit.prefill_factor == Approx(1.3).epsilon(0.02));
  CHECK(*fit.decode_factor == Approx(1.8).epsilon(0.02));
  REQUIRE(fit.comparisons.size() == 6);
  for (const OwnComparison& c : fit.comparisons) {
    CHECK(c.fitted == Approx(c.measured).epsilon(0.02));
    CHECK(c.predicted.value < c.measured);
  }

  // Time to first token of one user says nothing of decoding.
  std::vector<OwnRow> first = times(1.3, 1.8);
  first.resize(1);
  first[0].measured[1].reset();
  const OwnFit of_first = fit_own(server, first);
  CHECK(*of_first.prefill_factor == Approx(1.3).epsilon(0.03));
  CHECK_FALSE(of_first.decode_factor);
  // As measured means no factor.
  CHECK(*fit_own(server, times(1, 1)).decode_factor == Approx(1).epsilon(1e-6));
}
