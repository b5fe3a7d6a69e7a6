#include "serving/disaggregation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

namespace tokencast {
namespace {

double as_double(std::int64_t value) { return static_cast<double>(value); }

std::size_t as_index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// A request's way through both pools.
struct Passage {
  double arrival_s = 0, first_token_s = 0;
  double at_decode_s = 0;  ///< its KV is there
  RequestSize size;

  bool decodes() const { return size.output > 1; }
};

/// A scheduler, and which passages it was handed.
struct Member {
  PoolScheduler scheduler;
  std::vector<std::size_t> passages;
};

/// What averages over time of a scheduler have.
constexpr double ServiceRun::* kUse[] = {&ServiceRun::queued,
                                         &ServiceRun::running,
                                         &ServiceRun::busy,
                                         &ServiceRun::kv_used,
                                         &ServiceRun::budget_used,
                                         &ServiceRun::blocked_kv,
                                         &ServiceRun::blocked_sequences,
                                         &ServiceRun::blocked_compute};

/// Sums over the schedulers of a pool.
void add_use(ServiceRun& sum, const ServiceRun& use) {
  for (double ServiceRun::* part : kUse) {
    sum.*part += use.*part;
  }
  sum.preemptions += use.preemptions;
}

/// Of n schedulers: the mean of each.
ServiceRun mean_use(const ServiceRun& sum, double n) {
  ServiceRun mean = sum;
  for (double ServiceRun::* part : kUse) {
    mean.*part /= n;
  }
  return mean;
}

/// Both pools, event by event.
class Pools {
 public:
  Pools(const ServiceLoad& load, const DisaggregatedServer& server, End end);

  ServiceRun result(PoolAnswer& prefill, PoolAnswer& decode, double& transfer_mean_s);

 private:
  using Event = std::pair<double, std::size_t>;  ///< when, and a number that it is about
  using Events = std::priority_queue<Event, std::vector<Event>, std::greater<>>;

  std::int64_t prefill_schedulers() const { return server_.pools.prefill * server_.schedulers; }
  std::int64_t decode_schedulers() const { return server_.pools.decode * server_.schedulers; }
  std::int64_t requests_in_system() const;
  void go_on();
  void take(double now_s);
  void arrive(double now_s);
  void send(std::size_t number);
  void finish(const Passage& passage, double now_s);
  static void hand(Member& member, const Passage& passage, std::size_t number, double now_s,
                   const RequestSize& size);
  ServiceRun use_of(std::vector<Member>& pool);

  const ServiceLoad& load_;
  const DisaggregatedServer& server_;
  End end_;
  Window window_;
  Tally tally_;
  std::vector<Passage> passages_;  ///< in the order of arrival
  std::vector<Member> prefill_, decode_;
  Events arrivals_, deliveries_;  ///< of the request, and of the passage, of that number
  std::vector<double> sent_s_, received_s_;
  std::vector<std::size_t> transfers_of_;  ///< which passage each is of
  std::size_t sent_requests_ = 0;
  double now_s_ = 0;
  std::int64_t transferred_ = 0;
  double in_system_s_ = 0, transferred_s_ = 0;
};

/// About as many as there are when each waits for nobody.
std::int64_t Pools::requests_in_system() const {
  if (load_.closed()) return 0;
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
  return static_cast<std::int64_t>(std::ceil(std::min(load_.request_rate * latency_s, kMost)));
}

Pools::Pools(const ServiceLoad& load, const DisaggregatedServer& server, End end)
    : load_(load),
      server_(server),
      end_(end),
      window_(window_of(load, requests_in_system())),
      sent_s_(as_index(server.pools.prefill), 0),
      received_s_(as_index(server.pools.decode), 0) {
  const PoolServer one = {&server.server.limits, &server.server.pool, server.server.steps, end};
  const auto add = [&one](std::vector<Member>& pool, PoolPhase phase, std::int64_t schedulers) {
    pool.reserve(as_index(schedulers));
    for (std::int64_t i = 0; i < schedulers; ++i) pool.push_back({PoolScheduler(phase, one), {}});
  };
  add(prefill_, PoolPhase::kWhole, prefill_schedulers());
  add(decode_, PoolPhase::kDecode, decode_schedulers());
  const std::size_t first = load.closed() ? as_index(load.users) : 1;
  while (sent_requests_ < first) arrive(0);
}

/// The next request sets out now: it is sent after a gap, or once its user has thought, and then on
/// its way to the queue.
void Pools::arrive(double now_s) {
  const auto number = static_cast<std::int64_t>(sent_requests_);
  const double later_s = load_.closed() ? think_s(load_, number) : gap_s(load_, number);
  arrivals_.emplace(now_s + later_s + server_.server.limits.request_s, sent_requests_);
  ++sent_requests_;
}

void Pools::hand(Member& member, const Passage& passage, std::size_t number, double now_s,
                 const RequestSize& size) {
  member.passages.push_back(number);
  member.scheduler.take(now_s, passage.first_token_s, size);
}

/// What arrives at a scheduler until now. Request n goes to scheduler n mod all, which is of
/// instance n mod instances.
void Pools::take(double now_s) {
  while (!arrivals_.empty() && arrivals_.top().first <= now_s) {
    Passage passage;
    const double queued_s = arrivals_.top().first;
    passage.arrival_s = queued_s - server_.server.limits.request_s;
    arrivals_.pop();
    const std::size_t number = passages_.size();
    passage.size = started_size_of(load_, static_cast<std::int64_t>(number));
    window_.arrived(passage.arrival_s);
    if (window_.open()) in_system_s_ += server_.server.limits.request_s;
    RequestSize prompt = passage.size;
    prompt.output = 1;
    hand(prefill_[number % prefill_.size()], passage, number, queued_s, prompt);
    passages_.push_back(passage);
    if (!load_.closed()) arrive(passage.arrival_s);
  }
  while (!deliveries_.empty() && deliveries_.top().first <= now_s) {
    const auto [when_s, transfer] = deliveries_.top();
    deliveries_.pop();
    const std::size_t number = transfers_of_[transfer];
    const Passage& passage = passages_[number];
    hand(decode_[transfer % decode_.size()], passage, number, when_s, passage.size);
  }
}

/// Sends KV in the order of first tokens, each to the next decode scheduler. An instance sends one
/// at a time, and receives one at a time, while it is being sent.
void Pools::send(std::size_t number) {
  Passage& passage = passages_[number];
  const double time_s =
      server_.transfer->time_s(server_.server.pool.held(1, as_double(passage.size.input)));
  const std::size_t transfer = transfers_of_.size();
  double& sent = sent_s_[number % sent_s_.size()];
  double& arrived = received_s_[transfer % received_s_.size()];
  sent = std::max(sent, passage.first_token_s) + time_s;
  arrived = std::max(sent, arrived + time_s);
  passage.at_decode_s = arrived;
  transfers_of_.push_back(number);
  deliveries_.emplace(arrived, transfer);
}

void Pools::finish(const Passage& passage, double now_s) {
  if (window_.open()) {
    tally_.add(passage.size, passage.arrival_s, passage.first_token_s, now_s);
    if (passage.decodes()) {
      transferred_s_ += passage.at_decode_s - passage.first_token_s;
      ++transferred_;
    }
  }
  window_.ended(passage.arrival_s, now_s);
  if (load_.closed()) arrive(now_s);
}

/// To the next event, and all that happens then.
void Pools::go_on() {
  double now_s = std::numeric_limits<double>::infinity();
  for (const Events* events : {&arrivals_, &deliveries_}) {
    if (!events->empty()) now_s = std::min(now_s, events->top().first);
  }
  for (const std::vector<Member>* pool : {&prefill_, &decode_}) {
    for (const Member& member : *pool) now_s = std::min(now_s, member.scheduler.ends_s());
  }
  if (window_.open()) in_system_s_ += as_double(window_.in_system()) * (now_s - now_s_);
  now_s_ = now_s;
  take(now_s);
  for (Member& member : prefill_) {
    if (member.scheduler.ends_s() > now_s) continue;
    for (const std::int64_t done : member.scheduler.end_step()) {
      const std::size_t number = member.passages[as_index(done)];
      Passage& passage = passages_[number];
      passage.first_token_s = now_s;
      if (passage.decodes()) {
        send(number);
      } else {
        finish(passage, now_s);
      }
    }
  }
  for (Member& member : decode_) {
    if (member.scheduler.ends_s() > now_s) continue;
    for (const std::int64_t done : member.scheduler.end_step()) {
      finish(passages_[member.passages[as_index(done)]], now_s);
    }
  }
  take(now_s);
  const std::int64_t before = window_.openings();
  window_.look(now_s);
  const bool opened = window_.openings() > before;
  if (opened) {
    tally_ = Tally();
    in_system_s_ = transferred_s_ = 0;
    transferred_ = 0;
  }
  for (std::vector<Member>* pool : {&prefill_, &decode_}) {
    for (Member& member : *pool) {
      if (opened) member.scheduler.watch(now_s);
      member.scheduler.begin(now_s);
    }
  }
}

/// Summed over the schedulers of a pool.
ServiceRun Pools::use_of(std::vector<Member>& pool) {
  ServiceRun sum;
  for (Member& member : pool) add_use(sum, member.scheduler.use(now_s_));
  return sum;
}

ServiceRun Pools::result(PoolAnswer& prefill, PoolAnswer& decode, double& transfer_mean_s) {
  while (!window_.closed()) go_on();
  const ServiceRun of_prefill = use_of(prefill_);
  const ServiceRun of_decode = use_of(decode_);
  prefill.use = mean_use(of_prefill, as_double(prefill_schedulers()));
  decode.use = mean_use(of_decode, as_double(decode_schedulers()));
  transfer_mean_s = transferred_ > 0 ? transferred_s_ / as_double(transferred_) : 0;
  // Averages over all schedulers, which have alike many accelerators.
  ServiceRun sum = of_prefill;
  add_use(sum, of_decode);
  ServiceRun all = mean_use(sum, as_double(prefill_schedulers() + decode_schedulers()));
  all.duration_s = now_s_ - window_.begin_s();
  tally_.write(all);
  all.settled = window_.settled();
  std::vector<Sample> gaps_s;
  for (const Member& member : decode_) {
    const std::vector<Sample>& more = member.scheduler.gaps_s();
    gaps_s.insert(gaps_s.end(), more.begin(), more.end());
  }
  all.itl_s = distribution_of(gaps_s);
  all.running = sum.running;
  all.in_system = in_system_s_ / all.duration_s;
  all.queued = sum.queued;
  return all;
}

/// Whether there is a request of more than one output token: some are longer than the mean.
bool decodes(const ServiceLoad& load) {
  constexpr std::int64_t kSome = 1000;
  for (std::int64_t number = 0; number < kSome; ++number) {
    if (size_of(load, number).output > 1) return true;
    if (load.lengths == Lengths::kFixed) break;
  }
  return false;
}

/// Highest rates are of a queue that never runs empty, in each pool alone. band: also at its ends.
void find_most(const ServiceLoad& load, const DisaggregatedServer& server, bool band,
               DisaggregatedAnswer& answer) {
  answer.transfer_bytes = server.server.pool.held(1, load.input_tokens);
  answer.transfer_s = server.transfer->time_s(answer.transfer_bytes);
  constexpr std::int64_t kTrialRequests = 500;
  const Server& one = server.server;
  ServiceLoad whole = load;
  whole.requests = std::min(load.requests, kTrialRequests);
  ServiceLoad prompts = whole;
  prompts.output_tokens = 1;
  prompts.output_spread = 0;
  const auto most = [&](const ServiceLoad& of, auto run, std::int64_t instances, PoolAnswer& pool) {
    const ServiceLoad full = saturating(of, one);
    const auto run_at = [&](End end) { return run(full, one.limits, one.pool, *one.steps, end); };
    const auto at = [&](End end) { return run_at(end).requests_per_s; };
    const ServiceRun at_value = run_at(End::kValue);
    const double value = at_value.requests_per_s;
    pool.saturated = tokencast::limit_of(at_value);
    const double slow = band ? at(End::kHigh) : value;
    const double fast = band ? at(End::kLow) : value;
    pool.most_requests_per_s =
        as_double(instances * server.schedulers) *
        Banded{value, std::min(slow, value), std::max(fast, value), one.steps->source()};
  };
  most(prompts, run_service, server.pools.prefill, answer.prefill);
  // Where all have a single output token nothing is left to decode.
  if (decodes(load)) most(whole, run_decode, server.pools.decode, answer.decode);
  const double rate =
      as_double(std::min(server.pools.prefill, server.pools.decode)) / answer.transfer_s;
  answer.transfer_most_requests_per_s = {rate, rate, rate, server.transfer->source()};
}

/// The lowest of the highest rates, at the value and at both ends of the band.
Banded lowest_of(DisaggregatedAnswer& answer) {
  Banded lowest = answer.prefill.most_requests_per_s.value_or(Banded());
  answer.bound = PoolBound::kPrefill;
  answer.next_requests_per_s = 0;
  const auto take = [&](const Banded& other, PoolBound bound) {
    if (other.value < lowest.value) {
      answer.next_bound = answer.bound;
      answer.next_requests_per_s = lowest.value;
      answer.bound = bound;
    } else if (answer.next_requests_per_s == 0 || other.value < answer.next_requests_per_s) {
      answer.next_bound = bound;
      answer.next_requests_per_s = other.value;
    }
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
  const ServiceLimit limit = prefill ? answer.prefill.saturated : answer.decode.saturated;
  return limit == ServiceLimit::kDemand ? ServiceLimit::kCompute : limit;
}

}  // namespace

DisaggregatedAnswer answer_disaggregated(const ServiceLoad& load, const DisaggregatedServer& server,
                                         const Progress& progress) {
  DisaggregatedAnswer answer;
  find_most(load, server, /*band=*/true, answer);
  const Banded most = lowest_of(answer);
  answer.most_requests_per_s = most;
  progress(0.4);
  ServiceAnswer& service = answer.service;
  if (!load.closed()) {
    service.saturation_requests_per_s = most;
    service.band_saturates = load.request_rate > kStable * most.low;
    service.stable = load.request_rate <= kStable * most.value;
  }
  ServiceLoad served = load;
  const auto run_at = [&](End end, double highest) {
    if (!service.stable) served.request_rate = kStable * highest;
    // At random, more than that may come in a few hundred requests.
    if (!service.stable) served.arrivals = Arrivals::kConstant;
    const bool grows = service.stable && service.band_saturates && end == End::kHigh;
    served.settles = !grows;
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
  if (service.stable) note_growth(service);
  raise_to_served(answer.transfer_most_requests_per_s, service);
  for (std::optional<Banded>* highest :
       {&answer.prefill.most_requests_per_s, &answer.decode.most_requests_per_s,
        &service.saturation_requests_per_s}) {
    if (*highest) raise_to_served(**highest, service);
  }
  if (answer.next_requests_per_s > 0) {
    answer.next_requests_per_s = std::max(answer.next_requests_per_s, service.run.requests_per_s);
  }
  service.limit = limit_of(answer);
  progress(1);
  return answer;
}

Banded most_requests_per_s(const ServiceLoad& load, const DisaggregatedServer& server) {
  DisaggregatedAnswer answer;
  find_most(load, server, /*band=*/false, answer);
  return lowest_of(answer);
}

Trials disaggregated_trials(const ServiceLoad& load, const DisaggregatedServer& server,
                            const Banded& most_requests_per_s) {
  const auto run = [&server](const ServiceLoad& of, End end) {
    PoolAnswer prefill, decode;
    double transfer_mean_s = 0;
    return Pools(of, server, end).result(prefill, decode, transfer_mean_s);
  };
  // The slow end of steps is the low end of rates.
  const auto most = [most_requests_per_s](const ServiceLoad&, End end) {
    return end == End::kValue ? most_requests_per_s.value
           : end == End::kLow ? most_requests_per_s.high
                              : most_requests_per_s.low;
  };
  const std::int64_t places = places_of(load, server.server);
  return {run, most, places * server.pools.instances() * server.schedulers};
}

}  // namespace tokencast
