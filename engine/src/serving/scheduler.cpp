#include "serving/scheduler.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

namespace tokencast {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double as_double(std::int64_t value) { return static_cast<double>(value); }

constexpr ServiceLoad kNoLoad;

class Scheduler {
 public:
  Scheduler(const ServiceLoad& load, const EngineLimits& limits, const KvPool& pool,
            ServiceSteps& steps, End end)
      : load_(load), limits_(limits), pool_(pool), steps_(steps), end_(end) {
    // A loop of users is steady once each has been served a few times; the queue of an open one
    // fills slower.
    warm_up_ = load.closed() ? std::max(3 * load.users, load.requests / 10) : load.requests / 4;
    measured_ = load.closed() ? std::max(load.requests, 2 * load.users) : load.requests;
    if (load.closed()) {
      for (std::int64_t user = 0; user < load.users; ++user) {
        thinking_.emplace(think_s(load, user), user);
      }
      sent_ = load.users;
    } else {
      thinking_.emplace(gap_s(load, 0), 0);
      sent_ = 1;
    }
  }

  /// Serves these requests alone.
  Scheduler(const std::vector<TracedRequest>& trace, const Watch& watch, const EngineLimits& limits,
            const KvPool& pool, ServiceSteps& steps, End end)
      : load_(kNoLoad), limits_(limits), pool_(pool), steps_(steps), end_(end), trace_(&trace) {
    watch_ = watch;
    start_ = watch.begin_s;
    done_ = trace.empty();
    for (std::size_t i = 0; i < trace.size(); ++i) {
      thinking_.emplace(trace[i].arrival_s, static_cast<std::int64_t>(i));
    }
  }

  /// From now on requests bring the KV of their prompts and have their first token.
  void only_decode() { bring_kv_ = true; }

  TracedRun traced() {
    TracedRun traced;
    traced.use = result();
    traced.ends_s.reserve(requests_.size());
    for (const Request& of : requests_) traced.ends_s.push_back(of.end);
    traced.gaps_s = std::move(gaps_);
    return traced;
  }

  ServiceRun result() {
    while (!done_) step();
    ServiceRun run;
    run.duration_s = trace_ != nullptr ? watch_.end_s - watch_.begin_s : now_ - start_;
    if (!(run.duration_s > 0)) return run;
    run.requests = ended_;
    const double rate = 1 / run.duration_s;
    run.requests_per_s = as_double(ended_) * rate;
    run.output_tokens_per_s = outputs_ * rate;
    run.total_tokens_per_s = (outputs_ + inputs_) * rate;
    run.in_system = sums_.in_system * rate;
    run.queued = sums_.queued * rate;
    run.running = sums_.running * rate;
    run.busy = sums_.busy * rate;
    run.kv_used = sums_.kv * rate;
    run.budget_used = sums_.busy > 0 ? sums_.budget / sums_.busy : 0;
    run.blocked_kv = sums_.blocked_kv * rate;
    run.blocked_sequences = sums_.blocked_sequences * rate;
    run.blocked_compute = sums_.blocked_compute * rate;
    run.preemptions = preemptions_;
    run.timed = !tpots_.empty();
    run.ttft_s = distribution_of(ttfts_);
    run.tpot_s = distribution_of(tpots_);
    if (trace_ == nullptr) run.itl_s = distribution_of(gaps_);
    run.latency_s = distribution_of(latencies_);
    return run;
  }

 private:
  struct Request {
    double arrival = 0;
    double first_token = -1;
    double last_token = 0;  ///< before it was put back
    double end = 0;
    std::int64_t input = 0, output = 0;
    std::int64_t emitted = 0;    ///< output tokens so far
    std::int64_t target = 0;     ///< tokens whose KV must be there before it decodes on
    std::int64_t prefilled = 0;  ///< of them, those that are
    std::int64_t last_step = 0;  ///< the count of decode steps at which it is done, and
    std::int64_t joined = 0;     ///< that at which it began to decode
    bool running = false, decoding = false;
    bool brings_kv = false;  ///< of its prompt, which then is not prefilled
    std::int64_t turn = 0;   ///< how often it was given a place
  };

  struct Ending {
    std::int64_t last_step, id, turn;
    bool operator>(const Ending& other) const {
      return std::pair(last_step, id) > std::pair(other.last_step, other.id);
    }
  };

  enum class Blocked { kNo, kKv, kSequences, kCompute };

  Request& request(std::int64_t id) { return requests_[static_cast<std::size_t>(id)]; }

  /// In a closed loop first requests end at spread times, as if the loop had run for long.
  void arrive(double when) {
    const auto number = static_cast<std::int64_t>(requests_.size());
    const TracedRequest* traced =
        trace_ != nullptr ? &(*trace_)[static_cast<std::size_t>(number)] : nullptr;
    const RequestSize size = traced != nullptr ? traced->size : size_of(load_, number);
    Request fresh;
    fresh.arrival = when;
    fresh.input = size.input;
    fresh.output = size.output;
    if (load_.closed() && number < load_.users && load_.users > 1) {
      constexpr double kGoldenRatio = 0.6180339887498949;
      const double place = as_double(number + 1) * kGoldenRatio;
      const double part = place - std::floor(place);
      fresh.output = std::max<std::int64_t>(
          static_cast<std::int64_t>(std::ceil(as_double(size.output) * part)), 1);
    }
    fresh.target = size.input;
    fresh.prefilled = size.cached;
    if (bring_kv_) {
      fresh.brings_kv = true;
      fresh.emitted = 1;
      fresh.first_token = traced != nullptr ? traced->first_token_s : when;
    }
    requests_.push_back(fresh);
    waiting_.push_back(number);
    ++in_system_;
    arrivals_ += when;
    if (warm_) {
      sums_.in_system += now_ - std::max(when, start_);
      sums_.queued += now_ - std::max(when + on_its_way_s(), start_);
    }
  }

  void take_arrivals() {
    while (next_arrival() <= now_) {
      const double when = thinking_.top().first;
      thinking_.pop();
      arrive(when);
      if (!load_.closed() && trace_ == nullptr) {
        thinking_.emplace(when + gap_s(load_, sent_), sent_);
        ++sent_;
      }
    }
  }

  /// What a request takes to reach the queue from where it was sent.
  double on_its_way_s() const { return bring_kv_ ? 0 : limits_.request_s; }

  double next_arrival() const {
    return thinking_.empty() ? kNever : thinking_.top().first + on_its_way_s();
  }

  double kv_bytes() const { return pool_.held(as_double(running_), kv_tokens_); }

  /// Tokens that a request reserves when it is given a place.
  double reserved(const Request& of) const {
    return as_double(limits_.reserves_output ? of.input + of.output : of.target);
  }

  /// Gives the first in the queue a place, if there is one.
  Blocked admit() {
    Request& first = request(waiting_.front());
    if (running_ >= limits_.max_sequences) return Blocked::kSequences;
    // Beside what those that decode add in this step.
    const double grown = limits_.reserves_output ? 0 : as_double(computed());
    const double bytes = pool_.held(as_double(running_ + 1), kv_tokens_ + grown + reserved(first));
    if (bytes > pool_.bytes && running_ > 0) return Blocked::kKv;
    kv_tokens_ += reserved(first);
    first.running = true;
    ++first.turn;
    ++running_;
    prefilling_.push_back(waiting_.front());
    order_.push_back(waiting_.front());
    waiting_.pop_front();
    return Blocked::kNo;
  }

  /// Those that bring their KV decode as soon as they have a place.
  Blocked join() {
    while (!waiting_.empty() && request(waiting_.front()).brings_kv) {
      const std::int64_t id = waiting_.front();
      const Blocked blocked = admit();
      if (blocked != Blocked::kNo) return blocked;
      prefilling_.pop_back();
      request(id).brings_kv = false;
      decode_from(id, request(id).first_token);
    }
    return Blocked::kNo;
  }

  /// Puts the newest back into the queue, until the next step has room in the KV cache.
  void preempt() {
    if (limits_.reserves_output || pool_.per_token == 0) return;
    while (decoding_ > 0 && running_ > 1 &&
           pool_.held(as_double(running_), kv_tokens_ + as_double(computed())) > pool_.bytes) {
      while (!request(order_.back()).running) order_.pop_back();
      const std::int64_t id = order_.back();
      order_.pop_back();
      Request& newest = request(id);
      double held = as_double(newest.target);
      if (newest.decoding) {
        newest.last_token = last_token_of(id, newest);
        const double gained = gained_by(newest);
        newest.emitted += static_cast<std::int64_t>(gained);
        held += gained;
        context_ -= held + 1;
        --decoding_;
        forget_fresh(id);
      } else {
        prefilling_.erase(std::find(prefilling_.begin(), prefilling_.end(), id));
      }
      kv_tokens_ -= held;
      newest.running = newest.decoding = false;
      newest.target = newest.input + newest.emitted;
      newest.prefilled = 0;
      --running_;
      waiting_.push_front(id);
      if (warm_) ++preemptions_;
    }
  }

  double last_token_of(std::int64_t id, const Request& of) const {
    return of.joined == decode_step_ ? since_[static_cast<std::size_t>(id)] : last_decode_;
  }

  /// Tokens that all sequences that decode compute in a step.
  std::int64_t computed() const { return decoding_ * limits_.decoded_tokens; }

  /// Tokens that a sequence has gained since it began to decode.
  double gained_by(const Request& of) const {
    return limits_.tokens_per_step * as_double(decode_step_ - of.joined);
  }

  void forget_fresh(std::int64_t id) {
    fresh_.erase(std::remove(fresh_.begin(), fresh_.end(), id), fresh_.end());
  }

  void step() {
    take_arrivals();
    if (running_ == 0 && waiting_.empty()) {
      advance(next_arrival() - now_, 0, Blocked::kNo, false);
      return;
    }
    preempt();
    Blocked blocked = join();
    if (running_ == 0 && waiting_.empty()) {
      close_window();  // all that came had all of their output
      return;
    }
    const bool mixed = limits_.prefill == PrefillPolicy::kMixed;
    const std::int64_t beside = mixed ? decoding_ : 0;
    const std::int64_t taken = mixed ? computed() : 0;
    const std::int64_t room = std::max<std::int64_t>(limits_.step_tokens - taken, 1);
    PromptTokens prompts;
    std::size_t finished = 0;
    take_prompts(room, prompts, finished, blocked);
    if (prompts.tokens == 0) {
      decode_on(blocked);
      return;
    }
    const double context = beside > 0 ? context_ / as_double(beside) : 0;
    const double time_s = steps_.time_s(beside, context, prompts, end_);
    const double used = (prompts.tokens + as_double(taken)) / as_double(limits_.step_tokens);
    advance(time_s, used, blocked, true);
    if (beside > 0) decoded(1, time_s);
    for (; finished > 0; --finished) start_decoding();
    end_decoding();
    close_window();
  }

  /// Takes prompts in the order of their arrival; the last one may be taken in part.
  void take_prompts(std::int64_t room, PromptTokens& prompts, std::size_t& finished,
                    Blocked& blocked) {
    double keys = 0;
    for (;;) {
      if (finished == prefilling_.size()) {
        if (waiting_.empty() || blocked != Blocked::kNo) break;
        if (request(waiting_.front()).brings_kv) break;  // it joins before the next step
        blocked = admit();
        if (blocked != Blocked::kNo) break;
      }
      Request& next = request(prefilling_[finished]);
      const std::int64_t left = next.target - next.prefilled;
      const std::int64_t free = room - static_cast<std::int64_t>(prompts.tokens);
      const bool whole = left <= free || (!limits_.chunks && prompts.tokens == 0);
      const std::int64_t taken = whole ? left : limits_.chunks ? free : 0;
      prompts.tokens += as_double(taken);
      keys += as_double(taken) * (as_double(next.prefilled) + as_double(taken + 1) / 2);
      next.prefilled += taken;
      if (!whole) break;
      ++finished;
      if (static_cast<std::int64_t>(prompts.tokens) >= room) break;
    }
    if (prompts.tokens > 0) prompts.keys = keys / prompts.tokens;
    const bool begun = finished < prefilling_.size();
    if (blocked == Blocked::kNo && (begun || !waiting_.empty())) blocked = Blocked::kCompute;
  }

  /// Steps that only decode, until somebody is done, arrives where there may be room, or has to
  /// make room.
  void decode_on(Blocked blocked) {
    while (request(endings_.top().id).turn != endings_.top().turn ||
           !request(endings_.top().id).running) {
      endings_.pop();
    }
    const double batch = as_double(decoding_);
    const double context = context_ / batch;
    const double one_s = steps_.time_s(decoding_, context, {}, end_);
    std::int64_t count = std::max<std::int64_t>(endings_.top().last_step - decode_step_, 1);
    const auto no_more_than = [&count](double most) {
      if (most < as_double(count)) {
        count = std::max<std::int64_t>(static_cast<std::int64_t>(std::ceil(most)), 1);
      }
    };
    if (blocked == Blocked::kNo) no_more_than((next_arrival() - now_) / one_s);
    if (!limits_.reserves_output && pool_.per_token > 0) {
      const double grows = limits_.tokens_per_step * pool_.per_token * batch;
      no_more_than(std::floor((pool_.bytes - kv_bytes()) / grows));
    }
    const double mean = context + limits_.tokens_per_step * as_double(count - 1) / 2;
    const double time_s =
        count == 1 ? one_s : as_double(count) * steps_.time_s(decoding_, mean, {}, end_);
    advance(time_s, as_double(computed()) / as_double(limits_.step_tokens), blocked, true);
    decoded(count, time_s);
    end_decoding();
    close_window();
  }

  void advance(double time_s, double used, Blocked blocked, bool busy) {
    now_ += time_s;
    if (trace_ != nullptr) {
      warm_ = now_ > watch_.begin_s && now_ <= watch_.end_s;
      time_s = std::min(now_, watch_.end_s) - std::max(now_ - time_s, watch_.begin_s);
      if (!(time_s > 0)) return;
    } else if (!warm_) {
      return;
    }
    sums_.in_system += as_double(in_system_) * time_s;
    sums_.queued += as_double(static_cast<std::int64_t>(waiting_.size())) * time_s;
    sums_.running += as_double(running_) * time_s;
    sums_.kv += pool_.bytes > 0 ? std::min(kv_bytes() / pool_.bytes, 1.0) * time_s : 0;
    if (busy) {
      sums_.busy += time_s;
      sums_.budget += used * time_s;
    }
    if (blocked == Blocked::kKv) sums_.blocked_kv += time_s;
    if (blocked == Blocked::kSequences) sums_.blocked_sequences += time_s;
    if (blocked == Blocked::kCompute) sums_.blocked_compute += time_s;
  }

  /// All that decode have gone on by that many steps, which took time_s.
  void decoded(std::int64_t count, double time_s) {
    decode_step_ += count;
    const double batch = as_double(decoding_);
    const double gained = batch * limits_.tokens_per_step * as_double(count);
    context_ += gained;
    if (!limits_.reserves_output) kv_tokens_ += gained;
    const double each_s = time_s / as_double(count);
    if (warm_) {
      const double begin = now_ - time_s;
      const double old = batch - as_double(static_cast<std::int64_t>(fresh_.size()));
      // The first of these steps ends the gap since the token before.
      if (old > 0) gaps_.emplace_back(begin - last_decode_ + each_s, old);
      for (const std::int64_t id : fresh_) {
        gaps_.emplace_back(begin - since_[static_cast<std::size_t>(id)] + each_s, 1);
      }
      if (count > 1) gaps_.emplace_back(each_s, batch * as_double(count - 1));
    }
    last_decode_ = now_;
    fresh_.clear();
  }

  /// The oldest prompt is prefilled: it has its first token, or goes on where it was put back.
  void start_decoding() {
    const std::int64_t id = prefilling_.front();
    prefilling_.pop_front();
    Request& started = request(id);
    ++started.emitted;
    if (started.first_token < 0) {
      started.first_token = now_;
    } else if (warm_) {
      gaps_.emplace_back(now_ - started.last_token, 1);
    }
    decode_from(id, now_);
  }

  /// It decodes from the next step on; the token before it was there at since_s.
  void decode_from(std::int64_t id, double since_s) {
    Request& started = request(id);
    if (started.emitted >= started.output) {
      finish(started, as_double(started.target));
      return;
    }
    started.decoding = true;
    started.joined = decode_step_;
    started.last_step = decode_step_ + limits_.decode_steps(started.output - started.emitted);
    endings_.push({started.last_step, id, started.turn});
    ++decoding_;
    context_ += as_double(started.target + 1);
    since_.resize(requests_.size());
    since_[static_cast<std::size_t>(id)] = since_s;
    fresh_.push_back(id);
  }

  void end_decoding() {
    while (!endings_.empty() && endings_.top().last_step <= decode_step_) {
      const Ending ending = endings_.top();
      endings_.pop();
      Request& ended = request(ending.id);
      if (ended.turn != ending.turn || !ended.running) continue;
      const double held = as_double(ended.target) + gained_by(ended);
      context_ -= held + 1;
      --decoding_;
      finish(ended, held);
    }
  }

  void finish(Request& ended, double held) {
    kv_tokens_ -= limits_.reserves_output ? as_double(ended.input + ended.output) : held;
    ended.running = ended.decoding = false;
    ended.end = now_;
    --running_;
    --in_system_;
    arrivals_ -= ended.arrival;
    ++finished_;
    if (load_.closed()) {
      thinking_.emplace(now_ + think_s(load_, sent_), sent_);
      ++sent_;
    }
    if (!warm_) return;
    ++ended_;
    inputs_ += as_double(ended.input);
    outputs_ += as_double(ended.output);
    const double latency = now_ - ended.arrival;
    latency_sum_ += latency;
    latencies_.emplace_back(latency, 1);
    ttfts_.emplace_back(ended.first_token - ended.arrival, 1);
    if (ended.output > 1) {
      tpots_.emplace_back((now_ - ended.first_token) / as_double(ended.output - 1), 1);
    }
  }

  /// Summed ages of all requests in the system.
  double ages() const { return as_double(in_system_) * now_ - arrivals_; }

  void close_window() {
    if (trace_ != nullptr) {
      done_ = finished_ == static_cast<std::int64_t>(trace_->size());
      return;
    }
    if (!warm_) {
      if (finished_ < warm_up_) return;
      take_arrivals();
      warm_ = true;
      start_ = now_;
      ages_ = ages();
      return;
    }
    if (ended_ < measured_) return;
    constexpr double kNearly = 0.01;
    take_arrivals();
    const bool alike = std::abs(ages() - ages_) <= kNearly * latency_sum_;
    done_ = alike || ended_ >= 4 * measured_;
  }

  struct Sums {
    double in_system = 0, queued = 0, running = 0, busy = 0, kv = 0, budget = 0;
    double blocked_kv = 0, blocked_sequences = 0, blocked_compute = 0;
  };
  using Arrival = std::pair<double, std::int64_t>;

  const ServiceLoad& load_;
  const EngineLimits& limits_;
  const KvPool& pool_;
  ServiceSteps& steps_;
  End end_;
  const std::vector<TracedRequest>* trace_ = nullptr;  ///< nothing: the load's requests
  Watch watch_;
  bool bring_kv_ = false;
  std::int64_t warm_up_ = 0, measured_ = 0;

  double now_ = 0;
  std::vector<Request> requests_;
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> thinking_;  ///< will arrive
  std::deque<std::int64_t> waiting_, prefilling_;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings_;
  std::vector<std::int64_t> order_;  ///< that were given a place, the newest last
  std::vector<std::int64_t> fresh_;  ///< that have their first token since the last decode step
  std::vector<double> since_;        ///< when they had it
  double last_decode_ = 0;
  std::int64_t in_system_ = 0, running_ = 0, decoding_ = 0, decode_step_ = 0;
  std::int64_t sent_ = 0, finished_ = 0;
  double kv_tokens_ = 0;  ///< of all that run
  double context_ = 0;    ///< that the next decode step attends to, summed
  double arrivals_ = 0;   ///< times of all in the system, summed

  bool warm_ = false, done_ = false;
  double start_ = 0, ages_ = 0, latency_sum_ = 0;
  Sums sums_;
  std::int64_t ended_ = 0, preemptions_ = 0;
  double inputs_ = 0, outputs_ = 0;
  std::vector<Sample> ttfts_, tpots_, gaps_, latencies_;
};

}  // namespace

std::int64_t KvPool::sequences_of(double tokens, std::int64_t most) const {
  const double one = held(1, tokens);
  if (one * as_double(most) <= bytes) return most;
  return std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(bytes / one)), 1);
}

ServiceRun run_service(const ServiceLoad& load, const EngineLimits& limits, const KvPool& pool,
                       ServiceSteps& steps, End end) {
  return Scheduler(load, limits, pool, steps, end).result();
}

ServiceRun run_decode(const ServiceLoad& load, const EngineLimits& limits, const KvPool& pool,
                      ServiceSteps& steps, End end) {
  Scheduler scheduler(load, limits, pool, steps, end);
  scheduler.only_decode();
  return scheduler.result();
}

TracedRun run_trace(const std::vector<TracedRequest>& trace, TracePhase phase, const Watch& watch,
                    const PoolServer& server) {
  Scheduler scheduler(trace, watch, *server.limits, *server.pool, *server.steps, server.end);
  if (phase == TracePhase::kDecode) scheduler.only_decode();
  return scheduler.traced();
}

}  // namespace tokencast
