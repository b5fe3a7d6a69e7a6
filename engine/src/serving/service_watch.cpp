#include "serving/service_watch.h"

#include <algorithm>

namespace tokencast {

void ServiceWatch::begin(double now_s) {
  *this = ServiceWatch();
  begun_ = true;
  begin_s_ = now_s;
}

void ServiceWatch::passed(double time_s, double now_s, const ServiceState& state) {
  if (!begun_) return;
  time_s = std::min(time_s, now_s - begin_s_);
  sums_.in_system += static_cast<double>(state.in_system) * time_s;
  sums_.queued += static_cast<double>(state.queued) * time_s;
  sums_.running += static_cast<double>(state.running) * time_s;
  sums_.kv += state.kv_used * time_s;
  if (state.busy) {
    sums_.busy += time_s;
    sums_.budget += state.budget_used * time_s;
  }
  if (state.blocked == Blocked::kKv) sums_.blocked_kv += time_s;
  if (state.blocked == Blocked::kSequences) sums_.blocked_sequences += time_s;
  if (state.blocked == Blocked::kCompute) sums_.blocked_compute += time_s;
}

void ServiceWatch::arrived(double sent_s, double queued_s, double now_s) {
  if (!begun_) return;
  sums_.in_system += now_s - std::max(sent_s, begin_s_);
  sums_.queued += now_s - std::max(queued_s, begin_s_);
}

void ServiceWatch::preempted() {
  if (begun_) ++preemptions_;
}

void ServiceWatch::gaps(double each_s, double count) {
  if (begun_) gaps_s_.emplace_back(each_s, count);
}

ServiceRun ServiceWatch::averages(double now_s) const {
  ServiceRun run;
  run.duration_s = now_s - begin_s_;
  if (!(run.duration_s > 0)) return run;
  const double rate = 1 / run.duration_s;
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
  return run;
}

}  // namespace tokencast
