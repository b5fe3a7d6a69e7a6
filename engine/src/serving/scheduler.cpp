#include "serving/scheduler.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

#include "serving/request_source.h"
#include "serving/service_watch.h"

namespace tokencast {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double as_double(std::int64_t value) { return static_cast<double>(value); }

}  // namespace

class Scheduler {
 public:
  Scheduler(const ServiceLoad& load, PoolPhase phase, const PoolServer& server)
      : limits_(*server.limits),
        pool_(*server.pool),
        steps_(*server.steps),
        end_(server.end),
        bring_kv_(phase == PoolPhase::kDecode),
        source_(load, bring_kv_ ? 0 : limits_.request_s),
        window_(window_of(load)) {}

  /// Serves what it is handed.
  Scheduler(PoolPhase phase, const PoolServer& server)
      : limits_(*server.limits),
        pool_(*server.pool),
        steps_(*server.steps),
        end_(server.end),
        bring_kv_(phase == PoolPhase::kDecode),
        window_(0, 0) {}

  ServiceRun result() {
    while (!window_.closed()) step();
    ServiceRun run = watch_.averages(now_);
    if (!(run.duration_s > 0)) return run;
    tally_.write(run);
    run.settled = window_.settled();
    run.itl_s = watch_.distribution_of_gaps();
    return run;
  }

  void take(double now_s, double first_token_s, const RequestSize& size) {
    source_.hand(now_s, first_token_s, size);
    // Steps that only decode end early where it may join.
    if (doing_.prompts || doing_.decodes < 2 || doing_.blocked != Blocked::kNo) return;
    plan_decode(doing_.blocked);
    doing_.time_s = std::max(doing_.time_s, now_s - now_);
  }

  void begin(double now_s) {
    const bool idle = running_ == 0 && waiting_.empty() && source_.next_s() == kNever;
    if (doing_.time_s > 0 || idle) return;
    now_ = std::max(now_, now_s);
    take_arrivals();
    begin_step();
  }

  double ends_s() const { return doing_.time_s > 0 ? now_ + doing_.time_s : kNever; }

  std::vector<std::int64_t> end_handed_step() {
    done_.clear();
    end_step();
    return done_;
  }

  void watch(double now_s) { watch_.begin(now_s); }

  ServiceRun use(double now_s) {
    if (doing_.time_s > 0) {
      advance(now_s - now_, doing_.used, doing_.blocked, true);
    } else {
      now_ = now_s;
    }
    take_arrivals();  // they have waited since
    return watch_.averages(now_);
  }

  const std::vector<Sample>& gaps_s() const { return watch_.gaps_s(); }

 private:
  struct Request {
    double arrival = 0;
    double first_token = -1;
    double last_token = 0;  ///< before it was put back
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

  Request& request(std::int64_t id) { return requests_[static_cast<std::size_t>(id)]; }

  void arrive(const SentRequest& sent) {
    Request fresh;
    fresh.arrival = sent.sent_s;
    fresh.input = sent.size.input;
    fresh.output = sent.size.output;
    fresh.target = sent.size.input;
    fresh.prefilled = sent.size.cached;
    if (bring_kv_) {
      fresh.brings_kv = true;
      fresh.emitted = 1;
      fresh.first_token = sent.first_token_s;
    }
    waiting_.push_back(static_cast<std::int64_t>(requests_.size()));
    requests_.push_back(fresh);
    window_.arrived(sent.sent_s);
    watch_.arrived(sent.sent_s, sent.queued_s, now_);
  }

  void take_arrivals() {
    while (source_.next_s() <= now_) arrive(source_.take());
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
      watch_.preempted();
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
      advance(source_.next_s() - now_, 0, Blocked::kNo, false);
      return;
    }
    begin_step();
    if (doing_.time_s > 0) end_step();  // else all that came had all of their output
    take_arrivals();
    window_.look(now_);
    if (window_.openings() == openings_) return;
    openings_ = window_.openings();
    watch_.begin(now_);
    tally_ = Tally();
  }

  void begin_step() {
    preempt();
    Blocked blocked = join();
    if (running_ == 0 && waiting_.empty()) return;
    const bool mixed = limits_.prefill == PrefillPolicy::kMixed;
    const std::int64_t beside = mixed ? decoding_ : 0;
    const std::int64_t taken = mixed ? computed() : 0;
    const std::int64_t room = std::max<std::int64_t>(limits_.step_tokens - taken, 1);
    PromptTokens prompts;
    std::size_t finished = 0;
    take_prompts(room, prompts, finished, blocked);
    if (prompts.tokens == 0) {
      plan_decode(blocked);
      return;
    }
    const double context = beside > 0 ? context_ / as_double(beside) : 0;
    const double time_s = steps_.time_s(beside, context, prompts, end_);
    const double used = (prompts.tokens + as_double(taken)) / as_double(limits_.step_tokens);
    doing_ = {time_s, used, blocked, beside > 0 ? 1 : 0, finished, true};
  }

  void end_step() {
    const Doing did = doing_;
    doing_ = {};
    advance(did.time_s, did.used, did.blocked, true);
    if (did.decodes > 0) decoded(did.decodes, did.time_s);
    for (std::size_t i = 0; i < did.prompts_finished; ++i) start_decoding();
    end_decoding();
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
  void plan_decode(Blocked blocked) {
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
    if (blocked == Blocked::kNo) no_more_than((source_.next_s() - now_) / one_s);
    if (!limits_.reserves_output && pool_.per_token > 0) {
      const double grows = limits_.tokens_per_step * pool_.per_token * batch;
      no_more_than(std::floor((pool_.bytes - kv_bytes()) / grows));
    }
    const double mean = context + limits_.tokens_per_step * as_double(count - 1) / 2;
    const double time_s =
        count == 1 ? one_s : as_double(count) * steps_.time_s(decoding_, mean, {}, end_);
    const double used = as_double(computed()) / as_double(limits_.step_tokens);
    doing_ = {time_s, used, blocked, count, 0, false};
  }

  void advance(double time_s, double used, Blocked blocked, bool busy) {
    now_ += time_s;
    if (!watch_.begun()) return;
    ServiceState state;
    state.in_system = window_.in_system();
    state.queued = static_cast<std::int64_t>(waiting_.size());
    state.running = running_;
    state.kv_used = pool_.bytes > 0 ? std::min(kv_bytes() / pool_.bytes, 1.0) : 0;
    state.budget_used = used;
    state.blocked = blocked;
    state.busy = busy;
    watch_.passed(time_s, now_, state);
  }

  /// All that decode have gone on by that many steps, which took time_s.
  void decoded(std::int64_t count, double time_s) {
    decode_step_ += count;
    const double batch = as_double(decoding_);
    const double gained = batch * limits_.tokens_per_step * as_double(count);
    context_ += gained;
    if (!limits_.reserves_output) kv_tokens_ += gained;
    const double each_s = time_s / as_double(count);
    if (watch_.begun()) {
      const double begin = now_ - time_s;
      const double old = batch - as_double(static_cast<std::int64_t>(fresh_.size()));
      // The first of these steps ends the gap since the token before.
      if (old > 0) watch_.gaps(begin - last_decode_ + each_s, old);
      for (const std::int64_t id : fresh_) {
        watch_.gaps(begin - since_[static_cast<std::size_t>(id)] + each_s, 1);
      }
      if (count > 1) watch_.gaps(each_s, batch * as_double(count - 1));
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
    } else {
      watch_.gaps(now_ - started.last_token, 1);
    }
    decode_from(id, now_);
  }

  /// It decodes from the next step on; the token before it was there at since_s.
  void decode_from(std::int64_t id, double since_s) {
    Request& started = request(id);
    if (started.emitted >= started.output) {
      finish(id, as_double(started.target));
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
      finish(ending.id, held);
    }
  }

  void finish(std::int64_t id, double held) {
    Request& ended = request(id);
    kv_tokens_ -= limits_.reserves_output ? as_double(ended.input + ended.output) : held;
    ended.running = ended.decoding = false;
    --running_;
    window_.ended(ended.arrival, now_);
    if (source_.handed()) {
      done_.push_back(id);
      return;
    }
    source_.ended(now_);
    if (!watch_.begun()) return;
    tally_.add({ended.input, 0, ended.output}, ended.arrival, ended.first_token, now_);
  }

  /// The step that runs, or several that only decode.
  struct Doing {
    double time_s = 0;  ///< 0: none runs
    double used = 0;    ///< of the tokens that it could take
    Blocked blocked = Blocked::kNo;
    std::int64_t decodes = 0;  ///< steps in which sequences decode
    std::size_t prompts_finished = 0;
    bool prompts = false;
  };

  const EngineLimits& limits_;
  const KvPool& pool_;
  ServiceSteps& steps_;
  End end_;
  bool bring_kv_;  ///< requests, of their prompts, and have their first token
  RequestSource source_;
  std::vector<std::int64_t> done_;  ///< of those that were handed over
  Doing doing_;
  Window window_;
  std::int64_t openings_ = 0;  ///< that were seen
  Tally tally_;
  ServiceWatch watch_;

  double now_ = 0;
  std::vector<Request> requests_;
  std::deque<std::int64_t> waiting_, prefilling_;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings_;
  std::vector<std::int64_t> order_;  ///< that were given a place, the newest last
  std::vector<std::int64_t> fresh_;  ///< that have their first token since the last decode step
  std::vector<double> since_;        ///< when they had it
  double last_decode_ = 0;
  std::int64_t running_ = 0, decoding_ = 0, decode_step_ = 0;
  double kv_tokens_ = 0;  ///< of all that run
  double context_ = 0;    ///< that the next decode step attends to, summed
};

std::int64_t KvPool::sequences_of(double tokens, std::int64_t most) const {
  const double one = held(1, tokens);
  if (one * as_double(most) <= bytes) return most;
  return std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(bytes / one)), 1);
}

ServiceRun run_service(const ServiceLoad& load, const EngineLimits& limits, const KvPool& pool,
                       ServiceSteps& steps, End end) {
  return Scheduler(load, PoolPhase::kWhole, {&limits, &pool, &steps, end}).result();
}

ServiceRun run_decode(const ServiceLoad& load, const EngineLimits& limits, const KvPool& pool,
                      ServiceSteps& steps, End end) {
  return Scheduler(load, PoolPhase::kDecode, {&limits, &pool, &steps, end}).result();
}

PoolScheduler::PoolScheduler(PoolPhase phase, const PoolServer& server)
    : scheduler_(std::make_unique<Scheduler>(phase, server)) {}
PoolScheduler::~PoolScheduler() = default;
PoolScheduler::PoolScheduler(PoolScheduler&& other) noexcept = default;

void PoolScheduler::take(double now_s, double first_token_s, const RequestSize& size) {
  scheduler_->take(now_s, first_token_s, size);
}
void PoolScheduler::begin(double now_s) { scheduler_->begin(now_s); }
double PoolScheduler::ends_s() const { return scheduler_->ends_s(); }
std::vector<std::int64_t> PoolScheduler::end_step() { return scheduler_->end_handed_step(); }
void PoolScheduler::watch(double now_s) { scheduler_->watch(now_s); }
ServiceRun PoolScheduler::use(double now_s) { return scheduler_->use(now_s); }
const std::vector<Sample>& PoolScheduler::gaps_s() const { return scheduler_->gaps_s(); }

}  // namespace tokencast
