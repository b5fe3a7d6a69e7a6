// The laws of simulations, over random legal requests: any model of the catalogue on any
// accelerator, with each engine, in layouts of each kind, under loads of each kind.
#include "base/math.h"
#include "catch.h"
#include "models.h"
#include "serving/random.h"
#include "tokencast/tokencast.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

/// Draws, always the same ones.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}

  double uniform(double low, double high) {
    return low + (high - low) * Random(seed_, Draw::kStart, ++number_).uniform();
  }
  bool chance(double share) { return uniform(0, 1) < share; }
  std::int64_t whole(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(uniform(0, static_cast<double>(high - low + 1)));
  }
  /// Evenly by orders of magnitude.
  double magnitude(double low, double high) {
    return low * exponential(uniform(0, logarithm(high / low)));
  }
  template <class Value>
  Value one_of(const std::vector<Value>& values) {
    return values[static_cast<std::size_t>(whole(0, static_cast<std::int64_t>(values.size()) - 1))];
  }

 private:
  std::uint64_t seed_;
  std::int64_t number_ = 0;
};

std::vector<std::string> ids_of(const std::map<std::string, std::string, std::less<>>& presets) {
  std::vector<std::string> ids;
  for (const auto& [id, text] : presets) ids.push_back(id);
  return ids;
}

Json random_deployment(Dice& dice) {
  Json deployment;
  deployment["engine"] = dice.one_of<std::string>(
      {"generic", "vllm", "sglang", "tensorrt-llm", "llama.cpp", "transformers"});
  const auto tp = dice.one_of<std::int64_t>({1, 1, 2, 4, 8});
  deployment["tp"] = tp;
  const double layout = dice.uniform(0, 1);
  if (layout < 0.25) {
    deployment["disaggregation"] = {{"prefill", {{"instances", dice.whole(1, 3)}}},
                                    {"decode", {{"instances", dice.whole(1, 3)}}}};
  } else if (layout < 0.4) {
    deployment["dp"] = 2;
  } else if (layout < 0.5) {
    deployment["pp"] = 2;
  }
  if (dice.chance(0.2)) deployment["ep"] = deployment.contains("dp") ? 2 * tp : tp;
  if (dice.chance(0.3)) deployment["weights"] = dice.one_of<std::string>({"fp8", "int4", "bf16"});
  if (dice.chance(0.2)) deployment["kv_cache"] = "fp8";
  if (dice.chance(0.15)) {
    deployment["speculative"] = {{"method", "ngram"},
                                 {"draft_tokens", dice.whole(1, 5)},
                                 {"acceptance", dice.uniform(0, 1)}};
  }
  // What engines choose by the memory there is would change with it.
  deployment["max_sequences"] = dice.one_of<std::int64_t>({4, 64, 256});
  deployment["max_batched_tokens"] = dice.one_of<std::int64_t>({512, 2048, 8192});
  return deployment;
}

Json random_workload(Dice& dice) {
  Json workload;
  workload["input_tokens"] = static_cast<std::int64_t>(dice.magnitude(1, 10000));
  workload["output_tokens"] = static_cast<std::int64_t>(dice.magnitude(1, 500));
  if (dice.chance(0.5)) {
    workload["concurrency"] = static_cast<std::int64_t>(dice.magnitude(1, 300));
    if (dice.chance(0.5)) workload["think_time_s"] = dice.uniform(0, 5);
  } else {
    workload["request_rate"] = dice.magnitude(0.03, 50);
    workload["arrivals"] = dice.one_of<std::string>({"poisson", "bursty", "constant"});
  }
  workload["lengths"] = dice.one_of<std::string>({"fixed", "uniform", "lognormal"});
  if (dice.chance(0.4)) workload["prefix_hit"] = dice.uniform(0, 1);
  workload["requests"] = dice.one_of<std::int64_t>({100, 300});
  workload["seed"] = dice.whole(0, 1000);
  return workload;
}

/// Whose accelerator is a custom one, with the figures of a preset.
Json random_request(Dice& dice) {
  static const Presets presets = builtin_presets();
  static const std::vector<std::string> models = ids_of(presets.models);
  static const std::vector<std::string> cards = ids_of(presets.accelerators);
  Json request;
  request["schema"] = 1;
  request["model"]["preset"] = dice.one_of(models);
  request["accelerator"]["custom"] = Json::parse(presets.accelerators.at(dice.one_of(cards)));
  request["deployment"] = random_deployment(dice);
  request["workload"] = random_workload(dice);
  return request;
}

Json simulated(const Json& request) {
  static const Calibrations calibrations = builtin_calibrations();
  return Json::parse(simulate(request.dump(), builtin_presets(), calibrations));
}

bool fits(const Json& answer) {
  for (const Json& note : answer.at("notes")) {
    if (note.at("code") == "does_not_fit") return false;
  }
  return true;
}

struct Served {
  Json request, result;
};

/// Requests that are legal, fit, and can be served as they come.
std::vector<Served> served_requests(std::uint64_t seed, std::size_t count, bool generic) {
  Dice dice(seed);
  std::vector<Served> all;
  while (all.size() < count) {
    Json request = random_request(dice);
    // Of an architecture that nobody has measured.
    if (generic) {
      request["accelerator"]["custom"]["id"] = "own";
      request["accelerator"]["custom"]["architecture"] = "Own";
    }
    Json answer = simulated(request);
    if (answer.at("ok") == false || !fits(answer)) continue;
    if (answer.at("result").at("service").at("stable") == false) continue;
    all.push_back({std::move(request), std::move(answer.at("result"))});
  }
  return all;
}

double value(const Json& result, const char* metric) { return result.at(metric).at("value"); }

/// What law a request breaks is of interest only with it.
std::string text_of(Json request) {
  request["accelerator"] = request.at("accelerator").at("custom").at("name");
  return request.dump();
}

Json alone(Json request) {
  Json& workload = request["workload"];
  if (workload.contains("request_rate")) {
    workload["request_rate"] = 1e-6;
  } else {
    workload["concurrency"] = 1;
  }
  return request;
}

void scale(Json& figure) { figure["value"] = 2 * figure.at("value").get<double>(); }

/// The request on an accelerator with twice of one thing.
Json with_twice(Json request, const std::string& what) {
  Json& card = request["accelerator"]["custom"];
  if (what == "bandwidth") scale(card["memory_bandwidth_bytes_per_s"]);
  if (what == "compute") {
    for (Json& peak : card["peak_flops_per_s"]) scale(peak);
  }
  if (what == "memory") {
    for (const char* key : {"memory_bytes", "usable_memory_bytes"}) {
      if (card.contains(key)) scale(card[key]);
    }
  }
  if (what == "link") {
    for (const char* key : {"link", "nic", "pcie"}) {
      if (card.contains(key)) scale(card[key]["bandwidth_bytes_per_s"]);
    }
  }
  return request;
}

}  // namespace

TEST_CASE("Little's law, ordered percentiles and TTFT hold for random requests", "[service]") {
  // Measured kernels change with the batch: a larger one may be served by a slightly faster one, as
  // tests/unit/laws_test.cpp allows steps.
  constexpr double kMeasured = 0.9;
  // Nothing is measured here; what is left is which requests are seen.
  constexpr double kGeneric = 0.998;
  for (const bool generic : {false, true}) {
    for (const Served& served : served_requests(generic ? 21 : 20, 130, generic)) {
      const Json& result = served.result;
      const Json& service = result.at("service");
      INFO(text_of(served.request));
      const double in_system = service.at("in_system");
      CHECK(in_system ==
            Approx(value(result, "requests_per_s") * value(result, "latency_s")).epsilon(0.02));
      CHECK(service.at("running").get<double>() + service.at("queue").get<double>() <=
            in_system * (1 + 1e-9));
      for (const char* metric : {"ttft_s", "tpot_s", "itl_s", "latency_s"}) {
        const Json& times = result.at(metric);
        if (times.is_null()) continue;
        CHECK(times.at("p50") <= times.at("p90"));
        CHECK(times.at("p90") <= times.at("p95"));
        CHECK(times.at("p95") <= times.at("p99"));
        CHECK(times.at("low") <= times.at("value"));
        CHECK(times.at("value") <= times.at("high"));
      }
      const Json unloaded = simulated(alone(served.request)).at("result");
      const double least = (generic ? kGeneric : kMeasured) * value(unloaded, "ttft_s");
      CHECK(value(result, "ttft_s") >= least);
    }
  }
}

TEST_CASE("twice the bandwidth, compute, memory or link serves random requests no less",
          "[service]") {
  // The same requests take other steps together, and other ones are seen last.
  constexpr double kSame = 0.99;
  for (const Served& served : served_requests(22, 150, /*generic=*/true)) {
    Json request = served.request;
    // Drawn lengths would differ from those seen on the slower one.
    request["workload"]["lengths"] = "fixed";
    const Json base = simulated(request).at("result");
    const bool open = request.at("workload").contains("request_rate");
    for (const std::string what : {"bandwidth", "compute", "memory", "link"}) {
      INFO(what << " " << text_of(request));
      const Json more = simulated(with_twice(request, what)).at("result");
      if (open) {
        CHECK(value(more.at("service"), "saturation_requests_per_s") >=
              kSame * value(base.at("service"), "saturation_requests_per_s"));
      } else {
        CHECK(value(more, "requests_per_s") >= kSame * value(base, "requests_per_s"));
      }
    }
  }
}
