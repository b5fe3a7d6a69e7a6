#include "serving/service.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "memory/kv_cache.h"
#include "memory/memory_plan.h"

namespace tokencast {
namespace {

constexpr std::int64_t kMostUsers = 65536;
constexpr std::int64_t kAnyNumber = 1 << 30;
// Trials of a search: what counts is where the limit lies, to a few percent.
constexpr std::int64_t kTrialRequests = 500;
// At the ends of the band, to a tenth.
constexpr std::int64_t kBandRequests = 250;

ServiceRun run_of(const ServiceLoad& load, const Server& server, End end = End::kValue) {
  return run_service(load, server.limits, server.pool, *server.steps, end);
}

double as_double(std::int64_t value) { return static_cast<double>(value); }

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

/// A rate, or a number of users, and its run, where it keeps the limits.
struct Kept {
  double load = 0;
  std::optional<ServiceRun> run;
};

/// The search for the most load of one kind.
class Search {
 public:
  enum class Kind { kRate, kUsers };

  Search(Kind kind, const ServiceLoad& load, const Trials& trials,
         const std::vector<ServiceLimitOf>& limits, const AskedLoad& asked)
      : kind_(kind), load_(load), trials_(trials), limits_(limits) {
    if ((kind == Kind::kUsers) != load.closed() || asked.run == nullptr) return;
    asked_ = load.closed() ? as_double(load.users) : load.request_rate;
    (asked.keeps ? kept_ : failed_) = asked.run;
  }

  /// Trials have few requests; what they find is confirmed with as many as were asked for.
  Kept found() const {
    const std::int64_t few = std::min(load_.requests, kTrialRequests);
    Kept most = kind_ == Kind::kUsers ? users(few) : rate(few);
    if (load_.requests > few) most = confirmed(most);
    // What was asked for is no further than the search is coarse.
    if (kept_ != nullptr && most.load < asked_) return {asked_, *kept_};
    return most;
  }

  /// Trials at the ends are fewer and shorter, which must not turn them around.
  CapacityBand band_around(double found) const {
    return {std::min(at_end(found, End::kHigh), found), std::max(at_end(found, End::kLow), found)};
  }

 private:
  static constexpr double kNearly = 1.02;
  static constexpr double kSlowest = 0.01;  // of saturation: requests hardly meet

  Kept at(double most, std::int64_t requests, End end = End::kValue) const {
    ServiceLoad load = kind_ == Kind::kUsers ? users_of(load_, static_cast<std::int64_t>(most))
                                             : rate_of(load_, most);
    load.requests = requests;
    const ServiceRun run = trials_.run(load, end);
    if (!keeps_limits(run, limits_)) return {};
    return {most, run};
  }

  Kept users(std::int64_t requests) const {
    double bad = most_users() + 1;
    if (failed_ != nullptr) bad = std::min(bad, asked_);
    Kept good;
    for (std::int64_t users = 1; as_double(users) < bad; users *= 4) {
      const Kept kept = at(as_double(users), requests);
      if (kept.run) {
        good = kept;
      } else {
        bad = as_double(users);
      }
    }
    return between(good, bad, requests);
  }

  double most_rate(End end) const {
    // A little less, as schedulers multiply it and divide it again.
    constexpr double kWithin = 1 - 1e-12;
    return kWithin * kStable * trials_.most_requests_per_s(load_, end);
  }

  double most_users() const { return as_double(std::min(4 * trials_.places, kMostUsers)); }

  Kept rate(std::int64_t requests) const {
    const double most = most_rate(End::kValue);
    double bad = most;
    if (failed_ != nullptr && asked_ <= most) {
      bad = asked_;
    } else if (Kept all = at(most, requests); all.run) {
      return all;
    }
    return between(at(std::min(kSlowest * most, bad / kNearly), requests), bad, requests);
  }

  /// Returns one between what keeps the limits and what does not; nothing where they are near.
  std::optional<double> middle(double good, double bad) const {
    if (kind_ == Kind::kUsers) {
      if (bad - good <= std::max(std::floor(good / 50), 1.0)) return std::nullopt;
      return good + std::floor((bad - good) / 2);
    }
    if (bad <= kNearly * good) return std::nullopt;
    // By halves while far apart in orders of magnitude.
    return bad > 4 * good ? std::sqrt(bad * good) : (bad + good) / 2;
  }

  Kept between(Kept good, double bad, std::int64_t requests) const {
    if (!good.run) return good;
    while (const std::optional<double> next = middle(good.load, bad)) {
      Kept kept = at(*next, requests);
      if (kept.run) {
        good = kept;
      } else {
        bad = *next;
      }
    }
    return good;
  }

  /// Returns what keeps the limits at an end of the band, from what does so at the estimate: to a
  /// tenth, or as near as a few trials come.
  double at_end(double found, End end) const {
    constexpr int kRuns = 6;
    constexpr double kNear = 1.1;
    const bool users = kind_ == Kind::kUsers;
    const double most_at_value = most_rate(End::kValue);
    const double most = users ? most_users() : most_rate(end);
    const double least = users ? 1 : kSlowest * most;
    const std::int64_t requests = std::min(load_.requests, kBandRequests);
    double good = 0;
    double bad = 0;
    double step = 1.25;
    // Steps that are longer leave as much less room in the rate as in saturation.
    double next = found * most_rate(end) / most_at_value;
    for (int run = 0; run < kRuns; ++run) {
      next = std::clamp(users ? std::floor(next) : next, least, most);
      (at(next, requests, end).run ? good : bad) = next;
      if (good == most || bad == least) break;
      if (good == 0 || bad == 0) {
        next = bad > 0 ? bad / step : good * step;
        if (users && bad == 0) next = std::max(next, good + 1);
        step *= step;
      } else {
        if (bad <= std::max(kNear * good, users ? good + 1 : 0)) break;
        next = std::sqrt(good * bad);
      }
    }
    return good;
  }

  Kept confirmed(const Kept& most) const {
    double bad = 0;
    double less = kNearly;
    for (double load = most.load; load > kSlowest * most.load && less < 1 / kSlowest;
         less *= less) {
      Kept kept = at(load, load_.requests);
      if (kept.run) return bad > 0 ? between(kept, bad, load_.requests) : kept;
      bad = load;
      load = kind_ == Kind::kUsers ? std::min(std::floor(load / less), load - 1) : load / less;
    }
    return {};
  }

  Kind kind_;
  const ServiceLoad& load_;
  const Trials& trials_;
  const std::vector<ServiceLimitOf>& limits_;
  double asked_ = 0;
  const ServiceRun* kept_ = nullptr;    ///< of what was asked for, one of the two
  const ServiceRun* failed_ = nullptr;  ///< where its kind is searched
};

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
  if (!run.settled) return false;
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

void raise_to_served(Banded& most, const ServiceAnswer& answer) {
  most.value = std::max(most.value, answer.run.requests_per_s);
  // The slow end of steps is the low end of rates.
  most.low = std::min(std::max(most.low, answer.high.requests_per_s), most.value);
  most.high = std::max({most.high, answer.low.requests_per_s, most.value});
}

void note_growth(ServiceAnswer& answer) {
  answer.grows = !answer.run.settled;
  if (answer.grows) answer.stable = false;
  if (!answer.high.settled) answer.band_saturates = true;
}

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
  ServiceLoad slow = load;
  slow.settles = !answer.band_saturates;
  answer.high = run_of(slow, server, End::kHigh);
  note_growth(answer);
  if (answer.saturation_requests_per_s) raise_to_served(*answer.saturation_requests_per_s, answer);
  answer.limit = limit_of(answer.run);
  // Those that run wait for a step.
  if (answer.grows && answer.limit == ServiceLimit::kDemand) answer.limit = ServiceLimit::kCompute;
  answer.next = next_limit(load, server, answer, saturated);
  progress(1);
  return answer;
}

Trials trials_of(const ServiceLoad& load, const Server& server) {
  return {[&server](const ServiceLoad& of, End end) { return run_of(of, server, end); },
          [&server](const ServiceLoad& of, End end) {
            return run_of(saturating(of, server), server, end).requests_per_s;
          },
          places_of(load, server)};
}

Capacity find_capacity(const ServiceLoad& load, const Trials& trials,
                       const std::vector<ServiceLimitOf>& limits, const AskedLoad& asked,
                       const Progress& progress) {
  Capacity capacity;
  std::map<End, double> most;
  Trials once = trials;
  once.most_requests_per_s = [&](const ServiceLoad& of, End end) {
    const auto [found, fresh] = most.try_emplace(end, 0);
    if (fresh) found->second = trials.most_requests_per_s(of, end);
    return found->second;
  };
  const Search rates(Search::Kind::kRate, load, once, limits, asked);
  const Kept rate = rates.found();
  capacity.requests_per_s = rate.load;
  capacity.at_rate = rate.run;
  progress(0.3);
  capacity.rate_band = rates.band_around(rate.load);
  progress(0.5);
  const Search loops(Search::Kind::kUsers, load, once, limits, asked);
  const Kept users = loops.found();
  capacity.users = static_cast<std::int64_t>(users.load);
  capacity.at_users = users.run;
  progress(0.8);
  capacity.users_band = loops.band_around(users.load);
  progress(1);
  return capacity;
}

std::vector<CurvePoint> service_curve(const ServiceLoad& load, const Trials& trials,
                                      const Progress& progress) {
  std::vector<CurvePoint> curve;
  ServiceLoad trial = load;
  trial.requests = std::min(load.requests, kTrialRequests);
  double before = 0;
  // As far as what is asked for, though more bring no more throughput; beyond this it takes long.
  constexpr std::int64_t kMostAsked = 4096;
  const std::int64_t asked = std::min(load.users, kMostAsked);
  const std::int64_t most = std::min(std::max(2 * trials.places, 2 * asked - 1), kMostUsers);
  for (std::int64_t users = 1; users <= most; users *= 2) {
    curve.push_back({users, trials.run(users_of(trial, users), End::kValue)});
    progress(std::min(static_cast<double>(curve.size()) / 16, 1.0));
    constexpr double kNoMore = 1.02;
    const double now = curve.back().run.total_tokens_per_s;
    if (now < kNoMore * before && users >= asked) break;
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
