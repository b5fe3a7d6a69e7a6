// What a scheduler's service does while it is watched: averages over time, and the gaps between
// tokens.
//
// Ignores: rates and latencies, which are of requests (serving/service_run.h).
#ifndef TOKENCAST_SERVING_SERVICE_WATCH_H_
#define TOKENCAST_SERVING_SERVICE_WATCH_H_

#include <cstdint>
#include <vector>

#include "serving/distribution.h"
#include "serving/service_run.h"

namespace tokencast {

/// What the first in the queue lacks.
enum class Blocked { kNo, kKv, kSequences, kCompute };

/// A service over a time in which nobody comes or leaves.
struct ServiceState {
  std::int64_t in_system = 0, queued = 0, running = 0;  ///< requests, as in ServiceRun
  double kv_used = 0;                                   ///< share of the KV cache
  double budget_used = 0;  ///< share of the tokens that the step could take
  Blocked blocked = Blocked::kNo;
  bool busy = false;  ///< a step runs
};

/// Times never go back.
class ServiceWatch {
 public:
  /// From now on the service is watched; what is told before counts for nothing.
  void begin(double now_s);
  bool begun() const { return begun_; }

  /// The service was in this state for time_s until now.
  void passed(double time_s, double now_s, const ServiceState& state);
  /// A request is told of that was sent, and came to the queue, before now.
  void arrived(double sent_s, double queued_s, double now_s);
  void preempted();
  /// So many gaps between tokens took that long.
  void gaps(double each_s, double count);

  /// Returns averages since it began, neither rates nor latencies; all 0 where no time went by.
  ServiceRun averages(double now_s) const;
  const std::vector<Sample>& gaps_s() const { return gaps_s_; }
  /// Sorts the gaps.
  Distribution distribution_of_gaps() { return distribution_of(gaps_s_); }

 private:
  /// Over time, in seconds.
  struct Sums {
    double in_system = 0, queued = 0, running = 0, busy = 0, kv = 0, budget = 0;
    double blocked_kv = 0, blocked_sequences = 0, blocked_compute = 0;
  };

  bool begun_ = false;
  double begin_s_ = 0;
  Sums sums_;
  std::int64_t preemptions_ = 0;
  std::vector<Sample> gaps_s_;
};

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_SERVICE_WATCH_H_
