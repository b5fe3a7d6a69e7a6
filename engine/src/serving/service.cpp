#include "serving/service.h"

#include <algorithm>
#include <cmath>

#include "memory/kv_cache.h"
#include "memory/memory_plan.h"

namespace tokencast {
namespace {

constexpr std::int64_t kMostUsers = 65536;
constexpr std::int64_t kAnyNumber = 1 << 30;
// Trials of a search: what counts is where the limit lies, to a few percent.
constexpr std::int64_t kTrialRequests = 500;

ServiceRun run_of(const ServiceLoad& load, const Server& server, End end = End::kValue) {
  return run_service(load, server.limits, server.pool, *server.steps, end);
}

ServiceLoad users_of(const ServiceLoad& load, std::int64_t users) {
  ServiceLoad closed = load;
  closed.users = users;
  return closed;
}

ServiceLoad rate_of(const ServiceLoad& load, double rate) {
  ServiceLoad open = load;
  open.users = 0;
  open.think_time_s = 0;
  open.request_rate = rate;
  return open;
}

void find_users(const ServiceLoad& load, const Trials& trials,
                const std::vector<ServiceLimitOf>& limits, Capacity& capacity) {
  std::int64_t good = 0;
  std::int64_t bad = std::min(4 * trials.places, kMostUsers) + 1;
  const auto try_users = [&](std::int64_t users) {
    ServiceRun run = trials.run(users_of(load, users));
    if (!keeps_limits(run, limits)) return false;
    capacity.users = users;
    capacity.at_users = run;
    return true;
  };
  for (std::int64_t users = 1; users < bad; users *= 4) {
    if (!try_users(users)) {
      bad = users;
      break;
    }
    good = users;
  }
  // To 2 %.
  while (bad - good > std::max<std::int64_t>(good / 50, 1)) {
    const std::int64_t middle = good + (bad - good) / 2;
    (try_users(middle) ? good : bad) = middle;
  }
}

void find_rate(const ServiceLoad& load, const Trials& trials,
               const std::vector<ServiceLimitOf>& limits, Capacity& capacity) {
  double bad = trials.most_requests_per_s(load);
  double good = 0;
  const auto try_rate = [&](double rate) {
    ServiceRun run = trials.run(rate_of(load, rate));
    if (!keeps_limits(run, limits)) return false;
    capacity.requests_per_s = rate;
    capacity.at_rate = run;
    return true;
  };
  if (try_rate(kStable * bad)) return;
  bad *= kStable;
  constexpr double kSlowest = 0.01;  // of saturation: requests hardly meet
  if (!try_rate(kSlowest * bad)) return;
  good = kSlowest * bad;
  constexpr double kNearly = 1.02;
  while (bad > kNearly * good) {
    // By halves while far apart in orders of magnitude.
    const double middle = bad > 4 * good ? std::sqrt(bad * good) : (bad + good) / 2;
    (try_rate(middle) ? good : bad) = middle;
  }
}

}  // namespace

std::int64_t places_of(const ServiceLoad& load, const Server& server) {
  const double mean = load.input_tokens + load.output_tokens / 2;
  return server.pool.sequences_of(mean, server.limits.max_sequences);
}

std::int64_t kv_places(const ServiceLoad& load, const Server& server) {
  // Beside each other sequences are half through, unless all of them is set aside.
  const double output = server.limits.reserves_output ? 1 : 0.5;
  return server.pool.sequences_of(load.input_tokens + output * load.output_tokens, kAnyNumber);
}

bool keeps_limits(const ServiceRun& run, const std::vector<ServiceLimitOf>& limits) {
  return std::all_of(limits.begin(), limits.end(), [&run](const ServiceLimitOf& limit) {
    return statistic_of(metric_of(run, limit.metric), limit.statistic) <= limit.most_s;
  });
}

ServiceLoad saturating(const ServiceLoad& load, const Server& server) {
  ServiceLoad closed = users_of(load, places_of(load, server) * 5 / 4 + 1);
  closed.think_time_s = 0;
  return closed;
}

ServiceLimit limit_of(const ServiceRun& run) {
  // Less of the time than this is no limit, but a passing crowd.
  constexpr double kOften = 0.2;
  const double most = std::max({run.blocked_kv, run.blocked_sequences, run.blocked_compute});
  if (most < kOften) return ServiceLimit::kDemand;
  if (most == run.blocked_kv) return ServiceLimit::kKvCache;
  return most == run.blocked_sequences ? ServiceLimit::kSequences : ServiceLimit::kCompute;
}

const Distribution& metric_of(const ServiceRun& run, Metric metric) {
  switch (metric) {
    case Metric::kTtft:
      return run.ttft_s;
    case Metric::kTpot:
      return run.tpot_s;
    case Metric::kItl:
      return run.itl_s;
    case Metric::kLatency:
      break;
  }
  return run.latency_s;
}

double statistic_of(const Distribution& distribution, Statistic statistic) {
  switch (statistic) {
    case Statistic::kMean:
      return distribution.mean;
    case Statistic::kP50:
      return distribution.p50;
    case Statistic::kP90:
      return distribution.p90;
    case Statistic::kP95:
      return distribution.p95;
    case Statistic::kP99:
      break;
  }
  return distribution.p99;
}

namespace {

/// saturated: what limits a queue that never runs empty.
std::optional<NextLimit> next_limit(const ServiceLoad& load, const Server& server,
                                    const ServiceAnswer& answer, ServiceLimit saturated) {
  if (answer.limit == ServiceLimit::kDemand && answer.saturation_requests_per_s) {
    return NextLimit{saturated, 0, answer.saturation_requests_per_s->value};
  }
  if (answer.limit == ServiceLimit::kCompute) return std::nullopt;
  const NextLimit kv = {ServiceLimit::kKvCache, kv_places(load, server), 0};
  const NextLimit engine = {ServiceLimit::kSequences, server.limits.max_sequences, 0};
  if (answer.limit == ServiceLimit::kDemand) return kv.sequences < engine.sequences ? kv : engine;
  const bool by_kv = answer.limit == ServiceLimit::kKvCache;
  const NextLimit& now = by_kv ? kv : engine;
  const NextLimit& other = by_kv ? engine : kv;
  if (other.sequences <= now.sequences || other.sequences == kAnyNumber) return std::nullopt;
  return other;
}

}  // namespace

ServiceAnswer answer_service(const ServiceLoad& load, const Server& server,
                             const Progress& progress) {
  ServiceAnswer answer;
  ServiceLimit saturated = ServiceLimit::kDemand;
  if (!load.closed()) {
    const ServiceLoad full = saturating(load, server);
    const ServiceRun at_value = run_of(full, server);
    const ServiceRun at_low = run_of(full, server, End::kLow);
    const ServiceRun at_high = run_of(full, server, End::kHigh);
    answer.saturation_requests_per_s = {at_value.requests_per_s, at_high.requests_per_s,
                                        at_low.requests_per_s, server.steps->source()};
    saturated = limit_of(at_value);
    if (saturated == ServiceLimit::kDemand) saturated = ServiceLimit::kCompute;
    answer.band_saturates = load.request_rate > kStable * at_high.requests_per_s;
    if (load.request_rate > kStable * at_value.requests_per_s) {
      answer.stable = false;
      answer.run = at_value;
      answer.low = at_low;
      answer.high = at_high;
      answer.limit = saturated;
      answer.next = next_limit(load, server, answer, saturated);
      progress(1);
      return answer;
    }
  }
  progress(0.4);
  answer.run = run_of(load, server);
  progress(0.6);
  answer.low = run_of(load, server, End::kLow);
  progress(0.8);
  answer.high = run_of(load, server, End::kHigh);
  answer.limit = limit_of(answer.run);
  answer.next = next_limit(load, server, answer, saturated);
  progress(1);
  return answer;
}

Trials trials_of(const ServiceLoad& load, const Server& server) {
  return {[&server](const ServiceLoad& of) { return run_of(of, server); },
          [&server](const ServiceLoad& of) {
            return run_of(saturating(of, server), server).requests_per_s;
          },
          places_of(load, server)};
}

Capacity find_capacity(const ServiceLoad& load, const Trials& trials,
                       const std::vector<ServiceLimitOf>& limits, const Progress& progress) {
  Capacity capacity;
  ServiceLoad trial = load;
  trial.requests = std::min(load.requests, kTrialRequests);
  find_rate(trial, trials, limits, capacity);
  progress(0.5);
  find_users(trial, trials, limits, capacity);
  progress(1);
  return capacity;
}

std::vector<CurvePoint> service_curve(const ServiceLoad& load, const Trials& trials,
                                      const Progress& progress) {
  std::vector<CurvePoint> curve;
  ServiceLoad trial = load;
  trial.requests = std::min(load.requests, kTrialRequests);
  double before = 0;
  const std::int64_t most = std::min(2 * trials.places, kMostUsers);
  for (std::int64_t users = 1; users <= most; users *= 2) {
    curve.push_back({users, trials.run(users_of(trial, users))});
    progress(std::min(static_cast<double>(curve.size()) / 16, 1.0));
    constexpr double kNoMore = 1.02;
    const double now = curve.back().run.total_tokens_per_s;
    if (now < kNoMore * before) break;
    before = now;
  }
  return curve;
}

KvPool kv_pool(const Deployment& deployment, const Allocation& allocation,
               const ServiceLoad& load) {
  const Architecture& architecture = *deployment.architecture;
  const Layout& layout = *deployment.layout;
  const auto prompt = static_cast<std::int64_t>(load.input_tokens);
  const std::int64_t output =
      std::max<std::int64_t>(static_cast<std::int64_t>(load.output_tokens), 1);
  const KvCache cache(architecture, layout, allocation);
  const MemoryPlan plan = plan_memory(architecture, layout, *deployment.cost.accelerator,
                                      allocation, {1, prompt + output});
  KvPool pool;
  // Stages of a pipeline keep the KV of their layers for the sequences of all schedulers.
  pool.bytes = plan.kv_pool_bytes / static_cast<double>(layout.pp);
  // Whole blocks would make a slope of a short output steep or flat: of several blocks at least.
  const std::int64_t span = std::max(output, 8 * std::max<std::int64_t>(cache.block_tokens(), 1));
  const double held = cache.bytes_of(prompt);
  pool.per_token = (cache.bytes_of(prompt + span) - held) / static_cast<double>(span);
  pool.per_sequence = std::max(held - pool.per_token * static_cast<double>(prompt), 0.0);
  return pool;
}

}  // namespace tokencast
