#include "serving/service_run.h"

#include <algorithm>
#include <cmath>

namespace tokencast {

void Window::arrived(double when_s) {
  ++in_system_;
  arrivals_s_ += when_s;
}

void Window::ended(double arrival_s, double now_s) {
  --in_system_;
  arrivals_s_ -= arrival_s;
  ++finished_;
  if (!open_) return;
  ++counted_;
  latencies_s_ += now_s - arrival_s;
}

double Window::ages_at(double now_s) const {
  return static_cast<double>(in_system_) * now_s - arrivals_s_;
}

void Window::open(double now_s) {
  constexpr std::int64_t kLong = 4;
  ++openings_;
  open_ = true;
  begin_s_ = now_s;
  ages_s_ = ages_at(now_s);
  inside_ = in_system_;
  counted_ = 0;
  latencies_s_ = 0;
  if (fills_) measured_ = std::clamp(kLong * inside_, least_, kLong * least_);
}

void Window::look(double now_s) {
  constexpr std::int64_t kLong = 4;
  if (!open_) {
    if (finished_ < warm_up_) return;
    // Where it never does, the queue grows without end: that is seen soon enough.
    if (fills_ && finished_ < std::min(in_system_, kLong * warm_up_)) return;
    open(now_s);
    return;
  }
  if (counted_ < measured_) return;
  // By so much, of the latencies, Little's law does not hold.
  const double apart = std::abs(ages_at(now_s) - ages_s_);
  constexpr double kAlike = 0.01;
  constexpr std::int64_t kTooLong = 64;
  const bool grows = counted_ >= kLong * measured_ && in_system_ > kLong * inside_;
  if (grows && patient_ && finished_ < kTooLong * least_) {
    open(now_s);
    return;
  }
  closed_ = apart <= kAlike * latencies_s_ || grows || counted_ >= kTooLong * measured_;
  settled_ = apart <= 2 * kAlike * latencies_s_;
}

Window window_of(const ServiceLoad& load, std::int64_t inside) {
  // A loop of users is steady once each has been served a few times; the queue of an open one fills
  // slower. There, enough are measured that a chance crowd at the start is little of all.
  if (load.closed()) {
    return {std::max(3 * load.users, load.requests / 10), std::max(load.requests, 2 * load.users)};
  }
  return {load.requests / 4 + inside, std::max(load.requests, 4 * inside), /*fills=*/true,
          load.settles};
}

void Tally::add(const RequestSize& size, double arrival_s, double first_token_s, double end_s) {
  ++requests_;
  inputs_ += static_cast<double>(size.input);
  outputs_ += static_cast<double>(size.output);
  latencies_.emplace_back(end_s - arrival_s, 1);
  ttfts_.emplace_back(first_token_s - arrival_s, 1);
  if (size.output > 1) {
    tpots_.emplace_back((end_s - first_token_s) / static_cast<double>(size.output - 1), 1);
  }
}

void Tally::write(ServiceRun& run) {
  const double per_s = 1 / run.duration_s;
  run.requests = requests_;
  run.requests_per_s = static_cast<double>(requests_) * per_s;
  run.output_tokens_per_s = outputs_ * per_s;
  run.total_tokens_per_s = (outputs_ + inputs_) * per_s;
  run.timed = !tpots_.empty();
  run.ttft_s = distribution_of(ttfts_);
  run.tpot_s = distribution_of(tpots_);
  run.latency_s = distribution_of(latencies_);
}

}  // namespace tokencast
