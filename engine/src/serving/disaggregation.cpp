#include "serving/disaggregation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace tokencast {
namespace {

double as_double(std::int64_t value) { return static_cast<double>(value); }

std::size_t as_index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// A request's way through both pools.
struct Passage {
  double arrival_s = 0, first_token_s = 0;
  double at_decode_s = 0;  ///< its KV is there; of one output token the first token
  double end_s = 0;
  RequestSize size;

  bool decodes() const { return size.output > 1; }
};

/// Sums over the schedulers of a pool.
void add_use(ServiceRun& sum, const ServiceRun& use) {
  for (double ServiceRun::* part :
       {&ServiceRun::running, &ServiceRun::busy, &ServiceRun::kv_used, &ServiceRun::budget_used,
        &ServiceRun::blocked_kv, &ServiceRun::blocked_sequences, &ServiceRun::blocked_compute}) {
    sum.*part += use.*part;
  }
  sum.preemptions += use.preemptions;
}

/// Of n schedulers: the mean of each.
ServiceRun mean_use(const ServiceRun& sum, double n) {
  ServiceRun mean = sum;
  for (double ServiceRun::* part :
       {&ServiceRun::running, &ServiceRun::busy, &ServiceRun::kv_used, &ServiceRun::budget_used,
        &ServiceRun::blocked_kv, &ServiceRun::blocked_sequences, &ServiceRun::blocked_compute}) {
    mean.*part /= n;
  }
  return mean;
}

struct PoolsRun {
  std::vector<Passage> passages;  ///< in the order of arrival
  ServiceRun prefill, decode;     ///< sums over schedulers
  std::vector<Sample> gaps_s;
};

class Pools {
 public:
  Pools(const ServiceLoad& load, const DisaggregatedServer& server, End end)
      : load_(load), server_(server), end_(end) {}

  ServiceRun result(PoolAnswer& prefill, PoolAnswer& decode, double& transfer_mean_s) const;

  std::int64_t prefill_schedulers() const { return server_.pools.prefill * server_.schedulers; }
  std::int64_t decode_schedulers() const { return server_.pools.decode * server_.schedulers; }

 private:
  PoolServer one() const {
    return {&server_.server.limits, &server_.server.pool, server_.server.steps, end_};
  }
  double requests_in_system() const;
  bool find_watch(const std::vector<Passage>& passages, std::int64_t warm_up, std::int64_t measured,
                  Watch& watch) const;
  void prefill(PoolsRun& run, const Watch& watch) const;
  std::vector<std::vector<std::size_t>> transfer(std::vector<Passage>& passages) const;
  void decode(PoolsRun& run, const Watch& watch) const;
  PoolsRun run(std::int64_t requests, const Watch& watch) const;

  const ServiceLoad& load_;
  const DisaggregatedServer& server_;
  End end_;
};

/// About as many as there are when each waits for nobody.
double Pools::requests_in_system() const {
  constexpr double kMost = 10000;  // beyond it a run is too long
  const EngineLimits& limits = server_.server.limits;
  ServiceSteps& steps = *server_.server.steps;
  const double input = load_.input_tokens;
  const double context = input + load_.output_tokens / 2;
  const double tokens = load_.output_tokens / limits.tokens_per_step;
  const double alone_s = tokens * steps.time_s(1, context, {}, end_);
  const double each = load_.request_rate * alone_s / as_double(decode_schedulers());
  const auto batch =
      static_cast<std::int64_t>(std::clamp(each, 1.0, as_double(limits.max_sequences)));
  const double latency_s = steps.time_s(0, 0, {input, (input + 1) / 2}, end_) +
                           tokens * steps.time_s(batch, context, {}, end_);
  return std::min(load_.request_rate * latency_s, kMost);
}

/// Request n goes to scheduler n mod all, which is of instance n mod instances.
void Pools::prefill(PoolsRun& run, const Watch& watch) const {
  const std::int64_t schedulers = prefill_schedulers();
  std::vector<std::vector<TracedRequest>> traces(as_index(schedulers));
  for (std::size_t n = 0; n < run.passages.size(); ++n) {
    const Passage& passage = run.passages[n];
    TracedRequest request = {passage.arrival_s, 0, passage.size};
    request.size.output = 1;
    traces[n % traces.size()].push_back(request);
  }
  for (std::size_t scheduler = 0; scheduler < traces.size(); ++scheduler) {
    const TracedRun traced = run_trace(traces[scheduler], TracePhase::kWhole, watch, one());
    add_use(run.prefill, traced.use);
    for (std::size_t i = 0; i < traced.ends_s.size(); ++i) {
      run.passages[i * traces.size() + scheduler].first_token_s = traced.ends_s[i];
    }
  }
}

/// Sends KV in the order of first tokens, each to the next decode scheduler. An instance sends one
/// at a time, and receives one at a time, while it is being sent. Returns what each scheduler gets.
std::vector<std::vector<std::size_t>> Pools::transfer(std::vector<Passage>& passages) const {
  std::vector<std::size_t> order(passages.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&passages](std::size_t left, std::size_t right) {
    return std::pair(passages[left].first_token_s, left) <
           std::pair(passages[right].first_token_s, right);
  });
  std::vector<double> sent_s(as_index(server_.pools.prefill), 0);
  std::vector<double> received_s(as_index(server_.pools.decode), 0);
  std::vector<std::vector<std::size_t>> received(as_index(decode_schedulers()));
  std::size_t next = 0;
  for (const std::size_t n : order) {
    Passage& passage = passages[n];
    passage.at_decode_s = passage.first_token_s;
    if (!passage.decodes()) continue;
    const double time_s =
        server_.transfer->time_s(server_.server.pool.held(1, as_double(passage.size.input)));
    double& sent = sent_s[n % sent_s.size()];
    double& arrived = received_s[next % received_s.size()];
    sent = std::max(sent, passage.first_token_s) + time_s;
    arrived = std::max(sent, arrived + time_s);
    passage.at_decode_s = arrived;
    received[next % received.size()].push_back(n);
    ++next;
  }
  return received;
}

void Pools::decode(PoolsRun& run, const Watch& watch) const {
  std::vector<Passage>& passages = run.passages;
  for (const std::vector<std::size_t>& received : transfer(passages)) {
    std::vector<TracedRequest> trace;
    trace.reserve(received.size());
    for (const std::size_t n : received) {
      const Passage& passage = passages[n];
      trace.push_back({passage.at_decode_s, passage.first_token_s, passage.size});
    }
    const TracedRun traced = run_trace(trace, TracePhase::kDecode, watch, one());
    add_use(run.decode, traced.use);
    run.gaps_s.insert(run.gaps_s.end(), traced.gaps_s.begin(), traced.gaps_s.end());
    for (std::size_t i = 0; i < received.size(); ++i)
      passages[received[i]].end_s = traced.ends_s[i];
  }
  for (Passage& passage : passages) {
    if (!passage.decodes()) passage.end_s = passage.first_token_s;
  }
}

PoolsRun Pools::run(std::int64_t requests, const Watch& watch) const {
  PoolsRun run;
  run.passages.resize(as_index(requests));
  double now_s = 0;
  for (std::int64_t n = 0; n < requests; ++n) {
    now_s += gap_s(load_, n);
    Passage& passage = run.passages[as_index(n)];
    passage.arrival_s = now_s;
    passage.size = size_of(load_, n);
  }
  prefill(run, watch);
  decode(run, watch);
  return run;
}

/// Finds the time from the end of warm-up until requests in the system are as old as then, as a
/// scheduler's own measurement; false where requests stop arriving before.
bool Pools::find_watch(const std::vector<Passage>& passages, std::int64_t warm_up,
                       std::int64_t measured, Watch& watch) const {
  std::vector<std::pair<double, double>> ends;  // and the arrivals
  ends.reserve(passages.size());
  for (const Passage& passage : passages) ends.emplace_back(passage.end_s, passage.arrival_s);
  std::sort(ends.begin(), ends.end());
  std::size_t arrived = 0;
  std::int64_t in_system = 0;
  double arrivals_s = 0, ages_s = 0, latency_s = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const double now_s = ends[i].first;
    for (; arrived < passages.size() && passages[arrived].arrival_s <= now_s; ++arrived) {
      ++in_system;
      arrivals_s += passages[arrived].arrival_s;
    }
    if (arrived == passages.size()) return false;
    --in_system;
    arrivals_s -= ends[i].second;
    const std::int64_t ended = static_cast<std::int64_t>(i) + 1 - warm_up;
    if (ended < 0) continue;
    const double now_ages_s = as_double(in_system) * now_s - arrivals_s;
    watch.end_s = now_s;
    if (ended == 0) {
      watch.begin_s = now_s;
      ages_s = now_ages_s;
      continue;
    }
    latency_s += now_s - ends[i].second;
    constexpr double kNearly = 0.01;
    const bool alike = std::abs(now_ages_s - ages_s) <= kNearly * latency_s;
    if (ended >= measured && (alike || ended >= 4 * measured)) return true;
  }
  return false;
}

ServiceRun Pools::result(PoolAnswer& prefill, PoolAnswer& decode, double& transfer_mean_s) const {
  const auto inside = static_cast<std::int64_t>(std::ceil(requests_in_system()));
  const std::int64_t warm_up = load_.requests / 4 + inside;
  // Enough that a chance crowd at the start is little of all.
  const std::int64_t measured = std::max(load_.requests, 4 * inside);
  std::int64_t requests = warm_up + measured + measured / 4 + 2 * inside;
  const std::int64_t most = 16 * requests;
  Watch watch;
  while (!find_watch(run(requests, {}).passages, warm_up, measured, watch) && requests < most) {
    requests *= 2;
  }
  PoolsRun run = this->run(requests, watch);

  ServiceRun all;
  all.duration_s = watch.end_s - watch.begin_s;
  std::vector<Sample> ttfts, tpots, latencies;
  double inputs = 0, outputs = 0, in_system_s = 0, transferring_s = 0, transferred_s = 0;
  std::int64_t transfers = 0;
  const auto watched = [&watch](double from_s, double to_s) {
    return std::max(std::min(to_s, watch.end_s) - std::max(from_s, watch.begin_s), 0.0);
  };
  for (const Passage& passage : run.passages) {
    in_system_s += watched(passage.arrival_s, passage.end_s);
    transferring_s += watched(passage.first_token_s, passage.at_decode_s);
    if (passage.end_s <= watch.begin_s || passage.end_s > watch.end_s) continue;
    ++all.requests;
    inputs += as_double(passage.size.input);
    outputs += as_double(passage.size.output);
    ttfts.emplace_back(passage.first_token_s - passage.arrival_s, 1);
    latencies.emplace_back(passage.end_s - passage.arrival_s, 1);
    if (!passage.decodes()) continue;
    tpots.emplace_back((passage.end_s - passage.first_token_s) / as_double(passage.size.output - 1),
                       1);
    transferred_s += passage.at_decode_s - passage.first_token_s;
    ++transfers;
  }
  transfer_mean_s = transfers > 0 ? transferred_s / as_double(transfers) : 0;
  all.timed = !tpots.empty();
  all.ttft_s = distribution_of(ttfts);
  all.tpot_s = distribution_of(tpots);
  all.itl_s = distribution_of(run.gaps_s);
  all.latency_s = distribution_of(latencies);
  const double per_s = 1 / all.duration_s;
  all.requests_per_s = as_double(all.requests) * per_s;
  all.output_tokens_per_s = outputs * per_s;
  all.total_tokens_per_s = (inputs + outputs) * per_s;
  // Averages over all schedulers, which have alike many accelerators.
  ServiceRun sum = run.prefill;
  add_use(sum, run.decode);
  const ServiceRun mean = mean_use(sum, as_double(prefill_schedulers() + decode_schedulers()));
  all.busy = mean.busy;
  all.kv_used = mean.kv_used;
  all.budget_used = mean.budget_used;
  all.blocked_kv = mean.blocked_kv;
  all.blocked_sequences = mean.blocked_sequences;
  all.blocked_compute = mean.blocked_compute;
  all.preemptions = sum.preemptions;
  all.in_system = in_system_s * per_s;
  all.running = sum.running;
  all.queued = std::max(all.in_system - all.running - transferring_s * per_s, 0.0);
  prefill.use = mean_use(run.prefill, as_double(prefill_schedulers()));
  decode.use = mean_use(run.decode, as_double(decode_schedulers()));
  return all;
}

/// Highest rates are of a queue that never runs empty, in each pool alone.
void find_most(const ServiceLoad& load, const DisaggregatedServer& server,
               DisaggregatedAnswer& answer) {
  constexpr std::int64_t kTrialRequests = 500;
  const Server& one = server.server;
  ServiceLoad whole = load;
  whole.requests = std::min(load.requests, kTrialRequests);
  ServiceLoad prompts = whole;
  prompts.output_tokens = 1;
  prompts.output_spread = 0;
  const auto most = [&](const ServiceLoad& of, auto run, std::int64_t instances) {
    const ServiceLoad full = saturating(of, one);
    const auto at = [&](End end) {
      return run(full, one.limits, one.pool, *one.steps, end).requests_per_s;
    };
    const double value = at(End::kValue);
    const double slow = at(End::kHigh);
    const double fast = at(End::kLow);
    return as_double(instances * server.schedulers) *
           Banded{value, std::min(slow, value), std::max(fast, value), one.steps->source()};
  };
  answer.prefill.most_requests_per_s = most(prompts, run_service, server.pools.prefill);
  // With a single output token nothing is left to decode.
  if (load.output_tokens > 1) {
    answer.decode.most_requests_per_s = most(whole, run_decode, server.pools.decode);
  }
  const double rate =
      as_double(std::min(server.pools.prefill, server.pools.decode)) / answer.transfer_s;
  answer.transfer_most_requests_per_s = {rate, rate, rate, server.transfer->source()};
}

/// The lowest of the highest rates, at the value and at both ends of the band.
Banded lowest_of(DisaggregatedAnswer& answer) {
  Banded lowest = answer.prefill.most_requests_per_s.value_or(Banded());
  answer.bound = PoolBound::kPrefill;
  const auto take = [&](const Banded& other, PoolBound bound) {
    if (other.value < lowest.value) answer.bound = bound;
    lowest = {std::min(lowest.value, other.value), std::min(lowest.low, other.low),
              std::min(lowest.high, other.high), std::max(lowest.source, other.source)};
  };
  if (answer.decode.most_requests_per_s) {
    take(*answer.decode.most_requests_per_s, PoolBound::kDecode);
    take(answer.transfer_most_requests_per_s, PoolBound::kTransfer);
  }
  return lowest;
}

/// What the pool that binds waits for, where it binds; else the demand.
ServiceLimit limit_of(const DisaggregatedAnswer& answer) {
  if (answer.service.stable) {
    const ServiceLimit prefill = tokencast::limit_of(answer.prefill.use);
    return prefill != ServiceLimit::kDemand ? prefill : tokencast::limit_of(answer.decode.use);
  }
  if (answer.bound == PoolBound::kTransfer) return ServiceLimit::kDemand;
  const bool prefill = answer.bound == PoolBound::kPrefill;
  const ServiceLimit limit = tokencast::limit_of(prefill ? answer.prefill.use : answer.decode.use);
  return limit == ServiceLimit::kDemand ? ServiceLimit::kCompute : limit;
}

}  // namespace

DisaggregatedAnswer answer_disaggregated(const ServiceLoad& load, const DisaggregatedServer& server,
                                         const Progress& progress) {
  DisaggregatedAnswer answer;
  answer.transfer_bytes = server.server.pool.held(1, load.input_tokens);
  answer.transfer_s = server.transfer->time_s(answer.transfer_bytes);
  find_most(load, server, answer);
  const Banded most = lowest_of(answer);
  progress(0.4);
  ServiceAnswer& service = answer.service;
  service.saturation_requests_per_s = most;
  service.band_saturates = load.request_rate > kStable * most.low;
  service.stable = load.request_rate <= kStable * most.value;
  ServiceLoad served = load;
  const auto run_at = [&](End end, double highest) {
    if (!service.stable) served.request_rate = kStable * highest;
    PoolAnswer prefill, decode;
    double transfer_mean_s = 0;
    const ServiceRun run = Pools(served, server, end).result(prefill, decode, transfer_mean_s);
    if (end == End::kValue) {
      answer.prefill.use = prefill.use;
      answer.decode.use = decode.use;
      answer.transfer_mean_s = transfer_mean_s;
    }
    return run;
  };
  service.run = run_at(End::kValue, most.value);
  progress(0.6);
  service.low = run_at(End::kLow, most.high);
  progress(0.8);
  service.high = run_at(End::kHigh, most.low);
  service.limit = limit_of(answer);
  progress(1);
  return answer;
}

}  // namespace tokencast
