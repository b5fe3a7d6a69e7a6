// The changes that keep limits: each is made in the request and simulated again.
#include "catch.h"
#include "models.h"
#include "tokencast/tokencast.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

Json simulated(const Json& request) {
  static const Calibrations calibrations = builtin_calibrations();
  const Json answer = Json::parse(simulate(request.dump(), builtin_presets(), calibrations));
  INFO(answer.dump());
  REQUIRE(answer.at("ok") == true);
  return answer.at("result");
}

/// The request with a change as a reader would make it.
Json with_change(Json request, const Json& change) {
  const std::string name = change.at("change");
  Json& deployment = request["deployment"];
  if (name == "concurrency" || name == "request_rate") {
    request["workload"][name] = change.at("value");
  } else if (name == "prefill_instances" || name == "decode_instances") {
    const std::string pool = name.substr(0, name.find('_'));
    deployment["disaggregation"][pool]["instances"] = change.at("value");
  } else {
    deployment[name] = change.at("value");
    deployment.erase("gpus");
  }
  return request;
}

bool keeps(const Json& result, const Json& limits) {
  if (result.at("service").at("stable") == false) return false;
  for (const auto& [metric, statistics] : limits.items()) {
    for (const auto& [statistic, most] : statistics.items()) {
      const Json& value = result.at(metric).at(statistic == "mean" ? "value" : statistic);
      if (value.get<double>() > most.get<double>()) return false;
    }
  }
  return true;
}

Json request(const std::string& deployment, const std::string& workload) {
  return Json::parse(R"({"schema": 1, "model": {"preset": "llama-3.1-8b"},
    "accelerator": {"preset": "h100-80-sxm"}, "deployment": )" +
                     deployment + R"(, "workload": )" + workload + "}");
}

std::vector<std::string> names_of(const Json& changes) {
  std::vector<std::string> names;
  for (const Json& change : changes) names.push_back(change.at("change"));
  return names;
}

}  // namespace

TEST_CASE("every change that is named keeps the limits, as simulated again", "[service]") {
  struct Case {
    std::string deployment, workload;
    std::vector<std::string> to_meet, tried;
  };
  const std::string pools =
      R"({"tp": 1, "engine": "vllm", "disaggregation": {"prefill": {"instances": 1},
          "decode": {"instances": 1}}})";
  const std::vector<Case> cases = {
      // More users than one GPU serves in time.
      {R"({"tp": 1, "engine": "vllm"})",
       R"({"input_tokens": 2000, "output_tokens": 300, "concurrency": 110, "requests": 300,
           "limits": {"tpot_s": {"p95": 0.03}}})",
       {"dp", "tp", "concurrency"},
       {"kv_cache"}},
      // More requests than it can serve at all.
      {R"({"gpus": 1, "engine": "vllm"})",
       R"({"input_tokens": 2000, "output_tokens": 300, "request_rate": 30, "requests": 300,
           "lengths": "lognormal", "limits": {"ttft_s": {"p95": 1}, "itl_s": {"mean": 0.05}}})",
       {"dp", "request_rate"},
       {"kv_cache", "tp"}},
      // First tokens of disaggregated instances wait for prefill.
      {pools,
       R"({"input_tokens": 4000, "output_tokens": 200, "concurrency": 60, "requests": 300,
           "limits": {"ttft_s": {"p95": 0.8}}})",
       {"prefill_instances", "concurrency"},
       {"kv_cache", "decode_instances"}},
      // Not even alone: a token takes longer.
      {R"({"tp": 1, "engine": "vllm"})",
       R"({"input_tokens": 2000, "output_tokens": 300, "concurrency": 4, "requests": 100,
           "limits": {"tpot_s": {"p50": 0.0001}}})",
       {},
       {"kv_cache", "tp"}},
  };
  for (const Case& c : cases) {
    const Json asked = request(c.deployment, c.workload);
    const Json result = simulated(asked);
    const Json& capacity = result.at("capacity");
    const Json& limits = asked.at("workload").at("limits");
    CAPTURE(c.workload, capacity.dump());
    CHECK_FALSE(keeps(result, limits));
    CHECK(capacity.at("keeps") == false);
    for (const auto& [kind, value] : {std::pair{"rate", "requests_per_s"}, {"users", "users"}}) {
      const Json& most = capacity.at(kind);
      CHECK(most.at("low") <= most.at(value));
      CHECK(most.at(value) <= most.at("high"));
    }
    std::vector<std::string> to_meet = names_of(capacity.at("to_meet"));
    CHECK(to_meet == c.to_meet);
    for (const std::string& name : c.tried) {
      const std::vector<std::string> tried = names_of(capacity.at("tried"));
      CHECK(std::find(tried.begin(), tried.end(), name) != tried.end());
    }
    std::int64_t gpus = 0;
    for (const Json& change : capacity.at("to_meet")) {
      CAPTURE(change.dump());
      const Json changed = simulated(with_change(asked, change));
      CHECK(keeps(changed, limits));
      CHECK(changed.at("capacity").at("keeps") == true);
      CHECK(changed.at("capacity").at("to_meet").empty());
      // As said.
      CHECK(change.at("at").at("ttft_s").at("p95") == changed.at("ttft_s").at("p95"));
      CHECK(change.at("at").at("output_tokens_per_s") ==
            changed.at("output_tokens_per_s").at("value"));
      if (change.at("change") == "concurrency" || change.at("change") == "request_rate") continue;
      // Fewest accelerators first.
      CHECK(change.at("gpus") >= gpus);
      gpus = change.at("gpus");
    }
    for (const Json& change : capacity.at("tried")) {
      CAPTURE(change.dump());
      CHECK_FALSE(keeps(simulated(with_change(asked, change)), limits));
    }
  }
}

TEST_CASE("no fewer replicas than are named keep the limits", "[service]") {
  Json asked = request(R"({"tp": 1, "engine": "vllm"})",
                       R"({"input_tokens": 2000, "output_tokens": 300, "concurrency": 300,
                           "requests": 400, "limits": {"tpot_s": {"p95": 0.03}}})");
  const Json change = simulated(asked).at("capacity").at("to_meet").at(0);
  REQUIRE(change.at("change") == "dp");
  const auto replicas = change.at("value").get<std::int64_t>();
  REQUIRE(replicas > 2);
  CHECK(change.at("gpus") == replicas);
  asked["deployment"]["dp"] = replicas - 1;
  CHECK(simulated(asked).at("capacity").at("keeps") == false);
  // As users go: one more replica for each as many as one serves.
  const auto one = simulated(request(R"({"tp": 1, "engine": "vllm"})", asked["workload"].dump()))
                       .at("capacity")
                       .at("users")
                       .at("users")
                       .get<std::int64_t>();
  CHECK(replicas >= 300 / (one + one / 20 + 1));
  CHECK(replicas <= 300 / one + 3);
}

// capacity.rate was 0.632 of 500 requests, and to_meet proposed 0.601, which 1000 requests kept.
TEST_CASE("less load is the most that was found, and keeps the limits when it is asked for",
          "[service]") {
  Json asked = Json::parse(R"({"schema": 1, "model": {"preset": "deepseek-r1"},
    "accelerator": {"preset": "h200-141-sxm"}, "deployment": {"gpus": 8, "engine": "vllm"},
    "workload": {"input_tokens": 2000, "output_tokens": 500, "request_rate": 1, "prefix_hit": 0.5,
      "limits": {"ttft_s": {"p95": 1.5}, "tpot_s": {"p95": 0.025}}}})");
  const Json capacity = simulated(asked).at("capacity");
  const Json& less = capacity.at("to_meet").back();
  REQUIRE(less.at("change") == "request_rate");
  CHECK(less.at("value") == capacity.at("rate").at("requests_per_s"));
  CHECK(less.at("at") == capacity.at("rate").at("at"));
  asked["workload"]["request_rate"] = less.at("value");
  const Json again = simulated(asked);
  CHECK(again.at("capacity").at("keeps") == true);
  CHECK(again.at("tpot_s").at("p95") == less.at("at").at("tpot_s").at("p95"));
  // What keeps the limits is no more than what does at most.
  CHECK(again.at("capacity").at("rate").at("requests_per_s") >= less.at("value"));
}

TEST_CASE("a load within the limits is at most the highest that is named", "[service]") {
  for (const double rate : {3.0, 5.0, 5.5, 6.0, 6.5, 7.0, 8.0}) {
    Json asked = request(R"({"tp": 1, "engine": "vllm"})",
                         R"({"input_tokens": 2000, "output_tokens": 300, "requests": 1500,
                             "limits": {"tpot_s": {"p95": 0.02}}})");
    asked["workload"]["request_rate"] = rate;
    CAPTURE(rate);
    const Json capacity = simulated(asked).at("capacity");
    const double most = capacity.at("rate").at("requests_per_s");
    CHECK(capacity.at("keeps").get<bool>() == (rate <= most));
  }
}
