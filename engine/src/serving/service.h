// How a service answers under a load: the simulation at the estimate of step times and at both
// ends of their band, and how much more load would hold given limits.
//
// Ignores: several replicas, and the stages of a pipeline: each of their schedulers serves an equal
// share of the load and of the KV cache. The caller shares out.
#ifndef TOKENCAST_SERVING_SERVICE_H_
#define TOKENCAST_SERVING_SERVICE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "memory/allocation.h"
#include "serving/scheduler.h"

namespace tokencast {

enum class Metric { kTtft, kTpot, kItl, kLatency };
enum class Statistic { kMean, kP50, kP90, kP95, kP99 };

/// A statistic of a metric that must not be exceeded, in seconds.
struct ServiceLimitOf {
  Metric metric = Metric::kTtft;
  Statistic statistic = Statistic::kP95;
  double most_s = 0;
};

const Distribution& metric_of(const ServiceRun& run, Metric metric);
double statistic_of(const Distribution& distribution, Statistic statistic);

/// What serves: step times, and what the engine and the memory allow.
struct Server {
  ServiceSteps* steps = nullptr;
  EngineLimits limits;
  KvPool pool;
};

bool keeps_limits(const ServiceRun& run, const std::vector<ServiceLimitOf>& limits);

/// Told the share that is done, 0 to 1.
using Progress = std::function<void(double)>;

/// What would bind if what binds now did not: at so many sequences that run at once, or so many
/// requests/s.
struct NextLimit {
  ServiceLimit limit = ServiceLimit::kKvCache;
  std::int64_t sequences = 0;  ///< 0: a rate
  double requests_per_s = 0;
};

struct ServiceAnswer {
  bool stable = true;  ///< false: the rate is above what can be served, and run is at saturation
  bool grows = false;  ///< … or more and more are in the system although it is not
  ServiceRun run;
  ServiceRun low, high;         ///< at the ends of the band of step times
  bool band_saturates = false;  ///< the rate cannot be served at the high end
  ServiceLimit limit = ServiceLimit::kDemand;
  std::optional<NextLimit> next;                    ///< where it is known
  std::optional<Banded> saturation_requests_per_s;  ///< of an open loop
};

/// Little by little below saturation queues grow without bound in any run that ends.
constexpr double kStable = 0.98;

/// Returns the sequences that run at once on a scheduler when there are enough.
std::int64_t places_of(const ServiceLoad& load, const Server& server);

/// Returns the load of users whose queue never runs empty.
ServiceLoad saturating(const ServiceLoad& load, const Server& server);

/// Returns what the first in the queue waited for, where it was often.
ServiceLimit limit_of(const ServiceRun& run);

/// Returns how many sequences run at once at most by the KV cache alone.
std::int64_t kv_places(const ServiceLoad& load, const Server& server);

/// Raises the highest rate, at the estimate and at both ends of the band, to what the answer's runs
/// served: a run of a few hundred requests finds it to a few percent only.
void raise_to_served(Banded& most_requests_per_s, const ServiceAnswer& answer);

/// Says of an answer whose runs were below saturation where they did not settle.
void note_growth(ServiceAnswer& answer);

/// Open loops that cannot be served answer at the highest rate that can.
ServiceAnswer answer_service(const ServiceLoad& load, const Server& server,
                             const Progress& progress);

/// What keeps the limits with steps at either end of their band: as slow as that, and as fast.
struct CapacityBand {
  double low = 0, high = 0;
};

/// The most load of each kind that keeps the limits.
struct Capacity {
  double requests_per_s = 0;  ///< arriving at a rate; 0: not even the slowest
  CapacityBand rate_band;
  std::optional<ServiceRun> at_rate;
  std::int64_t users = 0;  ///< 0: not even one
  CapacityBand users_band;
  std::optional<ServiceRun> at_users;
};

/// Runs of a service under any load.
struct Trials {
  std::function<ServiceRun(const ServiceLoad&, End)> run;
  /// Of a queue of requests like those of a load that never runs empty.
  std::function<double(const ServiceLoad&, End)> most_requests_per_s;
  std::int64_t places = 1;  ///< sequences that run at once when there are enough
};

/// Returns those of one scheduler; the server must outlive them.
Trials trials_of(const ServiceLoad& load, const Server& server);

/// What is known already of the load that was asked for.
struct AskedLoad {
  bool keeps = false;               ///< the limits
  const ServiceRun* run = nullptr;  ///< nothing: not known
};

/// Bisection, with the same requests in every trial, and more requests in the end where more were
/// asked for: a load of as many then keeps the limits. It does not contradict what is known. Ends
/// of the band are found more coarsely.
Capacity find_capacity(const ServiceLoad& load, const Trials& trials,
                       const std::vector<ServiceLimitOf>& limits, const AskedLoad& asked,
                       const Progress& progress);

/// One point of throughput against latency.
struct CurvePoint {
  std::int64_t users = 1;
  ServiceRun run;
};

/// Returns runs of 1, 2, 4, … users, until there are as many as the load has and more of them bring
/// no more throughput.
std::vector<CurvePoint> service_curve(const ServiceLoad& load, const Trials& trials,
                                      const Progress& progress);

/// Returns the pool of a deployment; a sequence is measured at the load's prompt, and at prompt and
/// output.
KvPool kv_pool(const Deployment& deployment, const Allocation& allocation, const ServiceLoad& load);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_SERVICE_H_
