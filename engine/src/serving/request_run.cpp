#include "serving/request_run.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>
#include <vector>

namespace tokencast {
namespace {

double as_double(std::int64_t value) { return static_cast<double>(value); }

class Simulation {
 public:
  Simulation(const RequestRun& run, const EngineLimits& limits, std::int64_t places,
             StepTable& table)
      : run_(run),
        limits_(limits),
        places_(places),
        table_(table),
        arrivals_(static_cast<std::size_t>(std::min(run.users, run.requests))),
        sent_(std::min(run.users, run.requests)) {}

  RunResult result() {
    while (done_ < run_.requests) step();
    RunResult result;
    const double requests = as_double(run_.requests);
    result.duration_s = now_;
    result.ttft_s = 1 / requests * ttft_;
    for (double* end : {&result.ttft_s.value, &result.ttft_s.low, &result.ttft_s.high}) {
      *end += limits_.request_s;
    }
    if (timed_ > 0) result.tpot_s = 1 / as_double(timed_) * tpot_;
    result.prompt_tokens = requests * as_double(run_.input_tokens);
    result.output_tokens = as_double(outputs_);
    return result;
  }

 private:
  struct Decoding {
    std::int64_t last_step;  ///< the count of decode steps at which it is done
    std::int64_t output;
    Banded first_token;
    std::int64_t steps;
    bool operator>(const Decoding& other) const { return last_step > other.last_step; }
  };

  std::int64_t decoding() const { return static_cast<std::int64_t>(running_.size()); }

  /// Prompts that may be worked on: the one begun, and those that find a place.
  std::int64_t prompts() const {
    const std::int64_t free = places_ - decoding();
    return std::min(free, static_cast<std::int64_t>(arrivals_.size()));
  }

  void step() {
    const bool prompts_wait = prompts() > 0;
    const bool mixed = limits_.prefill == PrefillPolicy::kMixed;
    if (!prompts_wait) {
      // Nothing changes before the next one is done.
      decode(running_.top().last_step - decode_step_);
      return;
    }
    const std::int64_t beside = mixed ? decoding() : 0;
    const std::int64_t room =
        std::max<std::int64_t>(limits_.step_tokens - beside * limits_.decoded_tokens, 1);
    std::int64_t tokens = 0;
    std::int64_t finished = 0;
    take_prompts(room, tokens, finished);
    now_ += table_.prefill(tokens, beside);
    if (beside > 0) decode(1);
    for (std::int64_t i = 0; i < finished; ++i) start_decoding();
  }

  /// Takes prompts in the order of their arrival; the last one may be taken in part.
  void take_prompts(std::int64_t room, std::int64_t& tokens, std::int64_t& finished) {
    const std::int64_t waiting = prompts();
    while (finished < waiting) {
      const std::int64_t left = run_.input_tokens - (finished == 0 ? begun_ : 0);
      const std::int64_t free = room - tokens;
      if (left <= free || (!limits_.chunks && tokens == 0)) {
        tokens += left;
        ++finished;
        begun_ = 0;
        continue;
      }
      if (limits_.chunks && free > 0) {
        begun_ = run_.input_tokens - left + free;
        tokens += free;
      }
      return;
    }
  }

  /// The oldest arrival has its first token.
  void start_decoding() {
    ttft_ += now_ - arrivals_.front();
    arrivals_.pop_front();
    const std::int64_t output = next_output();
    if (output == 1) {
      finish(output);
      return;
    }
    const std::int64_t steps = limits_.decode_steps(output - 1);
    running_.push({decode_step_ + steps, output, now_, steps});
    context_ += as_double(run_.input_tokens + 1);
  }

  void decode(std::int64_t steps) {
    const double sequences = as_double(decoding());
    const double mean_context =
        context_ / sequences + limits_.tokens_per_step * as_double(steps - 1) / 2;
    now_ += as_double(steps) * table_.decode(decoding(), mean_context);
    decode_step_ += steps;
    context_ += sequences * limits_.tokens_per_step * as_double(steps);
    while (!running_.empty() && running_.top().last_step <= decode_step_) {
      const Decoding& ended = running_.top();
      tpot_ += 1 / as_double(ended.output - 1) * (now_ - ended.first_token);
      ++timed_;
      context_ -=
          as_double(run_.input_tokens + 1) + limits_.tokens_per_step * as_double(ended.steps);
      finish(ended.output);
      running_.pop();
    }
  }

  /// The user sends the next request, if there is one.
  void finish(std::int64_t output) {
    ++done_;
    outputs_ += output;
    if (sent_ == run_.requests) return;
    ++sent_;
    arrivals_.push_back(now_);
  }

  /// Lengths in an order without runs of long or short ones: multiples of the golden ratio, modulo
  /// 1, are spread evenly.
  std::int64_t next_output() {
    constexpr double kGoldenRatio = 0.6180339887498949;
    const double place = as_double(++drawn_) * kGoldenRatio;
    const double part = place - std::floor(place);
    const double length = run_.output_length(part) + 0.5;
    return std::max<std::int64_t>(static_cast<std::int64_t>(length), 1);
  }

  const RequestRun& run_;
  const EngineLimits& limits_;
  std::int64_t places_;
  StepTable& table_;
  Banded now_;
  std::deque<Banded> arrivals_;  ///< of requests without a first token
  std::int64_t begun_ = 0;       ///< tokens of the oldest of them that are prefilled
  std::priority_queue<Decoding, std::vector<Decoding>, std::greater<>> running_;
  double context_ = 0;  ///< of all that decode, summed
  std::int64_t decode_step_ = 0;
  std::int64_t sent_ = 0, done_ = 0, drawn_ = 0, timed_ = 0, outputs_ = 0;
  Banded ttft_, tpot_;
};

}  // namespace

double RequestRun::output_length(double share) const {
  const double mean = as_double(output_tokens);
  if (spread == LengthSpread::kEven) return mean * (1 + even_spread * (2 * share - 1));
  // 4 s³ has the mean 1. Of the outputs of ShareGPT, cut at 1024 as benchmarks do, half are below
  // 0.5 and nine in ten below 3 times the mean: 4 s³ gives 0.5 and 2.9.
  return mean * 4 * share * share * share;
}

RunResult simulate(const RequestRun& run, const EngineLimits& limits, std::int64_t places,
                   StepTable& table) {
  return Simulation(run, limits, places, table).result();
}

}  // namespace tokencast
