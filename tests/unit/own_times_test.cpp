#include <algorithm>

#include "catch.h"
#include "models.h"
#include "tokencast/tokencast.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

Json ask(const std::string& measured, const std::string& deployment = "{}") {
  const std::string request = R"({"schema": 1, "model": {"preset": "qwen2.5-32b"},
    "accelerator": {"preset": "h20-96-sxm"}, "deployment": )" +
                              deployment + R"(, "workload": {"input_tokens": 1024,
    "output_tokens": 1024, "concurrency": 4}, "measured": )" +
                              measured + "}";
  return Json::parse(estimate(request, builtin_presets(), {}));
}

double value(const Json& response, const char* quantity, const char* member = "value") {
  return response.at("result").at(quantity).at(member).get<double>();
}

}  // namespace

TEST_CASE("an own measurement scales the times of its phase, and no other") {
  const Json plain = ask("null");
  const Json scaled = ask(R"({"prefill_time_factor": 1.5, "decode_time_factor": 2})");
  CHECK(value(scaled, "ttft_s") == Approx(1.5 * value(plain, "ttft_s")));
  CHECK(value(scaled, "tpot_s") == Approx(2 * value(plain, "tpot_s")));
  // 1 / 2 of the rate, and TTFT + 1023 TPOT.
  CHECK(value(scaled, "tokens_per_s_per_user") ==
        Approx(0.5 * value(plain, "tokens_per_s_per_user")));
  CHECK(value(scaled, "latency_s") ==
        Approx(1.5 * value(plain, "ttft_s") + 2046 * value(plain, "tpot_s")));

  const Json decode_only = ask(R"({"decode_time_factor": 2})");
  CHECK(value(decode_only, "ttft_s") == value(plain, "ttft_s"));
  CHECK(value(decode_only, "ttft_s", "high") == value(plain, "ttft_s", "high"));
  CHECK(value(decode_only, "tpot_s") == Approx(2 * value(plain, "tpot_s")));
}

TEST_CASE("no factor takes a time below what the hardware allows") {
  for (const char* engine : {R"({"engine": "vllm"})", R"({"engine": "llama.cpp", "gpus": 2})"}) {
    for (const char* factor : {"0.05", "0.3", "0.7", "0.9"}) {
      const Json scaled = ask(std::string(R"({"prefill_time_factor": )") + factor +
                                  R"(, "decode_time_factor": )" + factor + "}",
                              engine);
      const Json& limits = scaled.at("result").at("limits");
      const double least = std::max(limits.at("decode_memory_s").get<double>(),
                                    limits.at("decode_compute_s").get<double>());
      CHECK(value(scaled, "tpot_s") >= least);
      CHECK(value(scaled, "tpot_s", "low") >= 0.999999 * least);
      const Json& prefill = scaled.at("result").at("phases").at("prefill");
      CHECK(prefill.at("time_s").get<double>() >=
            prefill.at("flops").get<double>() /
                scaled.at("result").at("accelerator").at("peak_flops_per_s").get<double>());
    }
  }
}

TEST_CASE("operators and what the engine adds still make up a scaled step") {
  const Json scaled = ask(R"({"decode_time_factor": 0.8})");
  const Json& step = scaled.at("result").at("phases").at("decode");
  double operators_s = 0;
  for (const Json& op : step.at("operators")) {
    operators_s += op.at("time_s").get<double>();
    CHECK(op.at("time_s").get<double>() ==
          Approx(op.at("overhead_s").get<double>() + op.at("link_s").get<double>() +
                 std::max(op.at("compute_s").get<double>(), op.at("memory_s").get<double>())));
  }
  CHECK(step.at("time_s").get<double>() >= operators_s);
}

TEST_CASE("the band of a measured phase is the spread that was measured") {
  const Json scaled = ask(R"({"decode_time_factor": 2, "decode_time_spread": 0.1, "rows": 3})");
  const double tpot = value(scaled, "tpot_s");
  CHECK(value(scaled, "tpot_s", "high") == Approx(1.1 * tpot));
  CHECK(value(scaled, "tpot_s", "low") == Approx(tpot / 1.1));
  CHECK(scaled.at("result").at("measured") ==
        Json({{"decode_time_factor", 2.0}, {"decode_time_spread", 0.1}, {"rows", 3}}));
  const Json& notes = scaled.at("notes");
  CHECK(std::any_of(notes.begin(), notes.end(),
                    [](const Json& note) { return note.at("code") == "measured_factors"; }));
  CHECK_FALSE(ask("null").at("result").contains("measured"));
}

TEST_CASE("a measured capacity scales the KV cache, and no time") {
  const Json plain = ask("null", R"({"engine": "vllm"})");
  const Json scaled = ask(R"({"kv_capacity_factor": 0.5})", R"({"engine": "vllm"})");
  const Json& before = plain.at("result").at("memory");
  const Json& after = scaled.at("result").at("memory");
  CHECK(after.at("kv_pool_bytes").get<double>() ==
        Approx(0.5 * before.at("kv_pool_bytes").get<double>()));
  CHECK(after.at("kv_capacity_tokens").get<double>() ==
        Approx(0.5 * before.at("kv_capacity_tokens").get<double>()).margin(16));
  CHECK(after.at("weight_bytes") == before.at("weight_bytes"));
  CHECK(after.at("max_concurrency").get<double>() < before.at("max_concurrency").get<double>());
  CHECK(scaled.at("result").at("tpot_s") == plain.at("result").at("tpot_s"));
  CHECK(scaled.at("result").at("measured") == Json({{"kv_capacity_factor", 0.5}}));
  CHECK(scaled.at("notes").back().at("code") == "measured_capacity");
  // What does not fit is not mended by a factor.
  const Json small =
      ask(R"({"kv_capacity_factor": 20})", R"({"engine": "vllm", "memory_fraction": 0.3})");
  CHECK(small.at("result").at("memory").at("fits") == false);
  CHECK(small.at("result").at("memory").at("kv_pool_bytes") == 0);
}

TEST_CASE("the line that an engine logs of its KV cache gives the factor") {
  const std::string request = R"({"schema": 1, "model": {"preset": "qwen2.5-32b"},
    "accelerator": {"preset": "h20-96-sxm"}, "deployment": {"engine": "vllm"},
    "workload": {"input_tokens": 1024, "output_tokens": 1024})";
  const std::string line = "INFO [kv_cache_utils.py:864] GPU KV cache size: 50,000 tokens";
  const auto ask_compare = [&line](const std::string& asked) {
    return Json::parse(compare(asked, line, builtin_presets(), {})).at("result");
  };
  const Json found = ask_compare(request + "}");
  const Json& kv = found.at("kv_capacity_tokens");
  const double factor = found.at("measured").at("kv_capacity_factor").get<double>();
  CHECK(factor * kv.at("predicted").get<double>() == Approx(50000));
  CHECK_FALSE(found.at("measured").contains("rows"));
  // The same with it: it is measured against the estimate, not against itself.
  CHECK(ask_compare(request + R"(, "measured": {"kv_capacity_factor": 0.7}})") == found);
}

TEST_CASE("a factor out of range is refused with its place") {
  struct Case {
    const char* measured;
    const char* code;
    const char* path;
  };
  const std::vector<Case> cases = {
      {R"({"decode_time_factor": 0})", "out_of_range", "/measured/decode_time_factor"},
      {R"({"prefill_time_factor": 21})", "out_of_range", "/measured/prefill_time_factor"},
      {R"({"decode_time_factor": 1, "decode_time_spread": 0.01})", "out_of_range",
       "/measured/decode_time_spread"},
      {R"({"kv_capacity_factor": 0.01})", "out_of_range", "/measured/kv_capacity_factor"},
      {R"({"decode_factor": 1})", "unknown_field", "/measured/decode_factor"},
      {"3", "wrong_type", "/measured"},
  };
  for (const Case& c : cases) {
    const Json error = ask(c.measured).at("error");
    CHECK(error.at("code") == c.code);
    CHECK(error.at("path") == c.path);
  }
}
