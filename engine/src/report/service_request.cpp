#include "report/service_request.h"

#include <iterator>
#include <string>
#include <vector>

namespace tokencast {
namespace {

constexpr Range kSeconds = {0, 1e6};
constexpr Range kRate = {1e-6, 1e6};
constexpr Range kBurstiness = {0.01, 100};
constexpr Range kLognormalSpread = {0, 5};
constexpr Range kUniformSpread = {0, 1};
constexpr Range kPrefixHit = {0, 1};
constexpr Range kRequests = {100, 100000};
constexpr Range kSeed = {0, 9007199254740992.0};
constexpr Range kLimit = {1e-6, 1e6};

constexpr const char* kKeys[] = {"input_tokens", "output_tokens", "concurrency", "request_rate",
                                 "think_time_s", "arrivals",      "burstiness",  "lengths",
                                 "input_spread", "output_spread", "prefix_hit",  "limits",
                                 "requests",     "seed",          "curve"};
constexpr std::size_t kShared = 3;  // the first of them are of every workload

constexpr const char* kMetrics[] = {"ttft_s", "tpot_s", "itl_s", "latency_s"};
constexpr const char* kStatistics[] = {"mean", "p50", "p90", "p95", "p99"};

template <class Names>
std::vector<std::string> texts(const Names& names) {
  return {std::begin(names), std::end(names)};
}

void read_limits(ObjectReader& workload, ServiceRequest& service) {
  ObjectReader limits = workload.object("limits");
  limits.refuse_unknown_keys(texts(kMetrics));
  for (std::size_t metric = 0; metric < std::size(kMetrics); ++metric) {
    if (!limits.has(kMetrics[metric])) continue;
    ObjectReader of_metric = limits.object(kMetrics[metric]);
    of_metric.refuse_unknown_keys(texts(kStatistics));
    for (std::size_t statistic = 0; statistic < std::size(kStatistics); ++statistic) {
      if (!of_metric.has(kStatistics[statistic])) continue;
      service.limits.push_back({static_cast<Metric>(metric), static_cast<Statistic>(statistic),
                                of_metric.number(kStatistics[statistic], kLimit)});
    }
  }
}

}  // namespace

void read_service(ObjectReader& workload, Request& request) {
  workload.refuse_unknown_keys(texts(kKeys));
  ServiceRequest& service = request.service;
  ServiceLoad& load = service.load;
  for (std::size_t i = kShared; i < std::size(kKeys) && service.field.empty(); ++i) {
    if (workload.has(kKeys[i])) service.field = kKeys[i];
  }
  load.input_tokens = static_cast<double>(request.workload.input_tokens);
  load.output_tokens = static_cast<double>(request.workload.output_tokens);
  load.users = request.workload.concurrency;
  if (workload.has("request_rate")) {
    load.users = 0;
    load.request_rate = workload.number("request_rate", kRate);
    for (const char* key : {"concurrency", "think_time_s"}) {
      if (!workload.has(key)) continue;
      workload.fail({"conflicting_fields",
                     workload.path_of(key),
                     std::string(key) + " is of users, request_rate of requests that do not wait",
                     "give one of them",
                     {{"field", key}, {"other", "request_rate"}}});
    }
  }
  load.think_time_s = workload.number_or("think_time_s", kSeconds, 0);
  const std::string arrivals =
      workload.one_of_or("arrivals", {"poisson", "bursty", "constant"}, "poisson");
  load.arrivals = arrivals == "bursty"     ? Arrivals::kBursty
                  : arrivals == "constant" ? Arrivals::kConstant
                                           : Arrivals::kPoisson;
  constexpr double kBursty = 0.25;  // what "bursty" means without a number
  load.burstiness = workload.number_or("burstiness", kBurstiness, kBursty);
  const std::string lengths =
      workload.one_of_or("lengths", {"fixed", "uniform", "lognormal"}, "fixed");
  load.lengths = lengths == "uniform"     ? Lengths::kUniform
                 : lengths == "lognormal" ? Lengths::kLognormal
                                          : Lengths::kFixed;
  const bool uniform = load.lengths == Lengths::kUniform;
  const Range& spread = uniform ? kUniformSpread : kLognormalSpread;
  const double usual = load.lengths == Lengths::kFixed ? 0 : uniform ? 0.5 : 1;
  load.input_spread = workload.number_or("input_spread", spread, usual);
  load.output_spread = workload.number_or("output_spread", spread, usual);
  load.prefix_hit = workload.number_or("prefix_hit", kPrefixHit, 0);
  load.longest = request.architecture.max_context;
  load.requests = workload.integer_or("requests", kRequests, load.requests);
  load.seed = static_cast<std::uint64_t>(workload.integer_or("seed", kSeed, 1));
  service.curve = workload.boolean_or("curve", false);
  read_limits(workload, service);
}

}  // namespace tokencast
