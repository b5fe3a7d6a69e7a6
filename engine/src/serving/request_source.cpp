#include "serving/request_source.h"

#include <limits>

namespace tokencast {

RequestSource::RequestSource(const ServiceLoad& load, double on_its_way_s)
    : load_(&load), on_its_way_s_(on_its_way_s) {
  const std::int64_t first = load.closed() ? load.users : 1;
  while (sent_ < first) send_after(0);
}

/// The next request is sent after a gap, or once its user has thought.
void RequestSource::send_after(double now_s) {
  const double later_s = load_->closed() ? think_s(*load_, sent_) : gap_s(*load_, sent_);
  sendings_.emplace(now_s + later_s, sent_);
  ++sent_;
}

void RequestSource::hand(double now_s, double first_token_s, const RequestSize& size) {
  handed_.push_back({now_s, now_s, first_token_s, size});
  sendings_.emplace(now_s, sent_);
  ++sent_;
}

double RequestSource::next_s() const {
  return sendings_.empty() ? std::numeric_limits<double>::infinity()
                           : sendings_.top().first + on_its_way_s_;
}

SentRequest RequestSource::take() {
  const double sent_s = sendings_.top().first;
  sendings_.pop();
  const std::int64_t number = taken_++;
  if (handed()) return handed_[static_cast<std::size_t>(number)];
  if (!load_->closed()) send_after(sent_s);
  return {sent_s, sent_s + on_its_way_s_, sent_s, started_size_of(*load_, number)};
}

void RequestSource::ended(double now_s) {
  if (!handed() && load_->closed()) send_after(now_s);
}

}  // namespace tokencast
