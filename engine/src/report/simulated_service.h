// The service that a request describes, ready to be simulated: whichever way it is laid out.
#ifndef TOKENCAST_REPORT_SIMULATED_SERVICE_H_
#define TOKENCAST_REPORT_SIMULATED_SERVICE_H_

#include <optional>
#include <vector>

#include "cost/calibration_set.h"
#include "report/request.h"

namespace tokencast {

class SimulatedService {
 public:
  /// Request and calibrations must outlive it.
  SimulatedService(const Request& request, const CalibrationSet& calibrations);
  SimulatedService(const SimulatedService&) = delete;
  SimulatedService& operator=(const SimulatedService&) = delete;

  /// Of one of schedulers(); of the whole deployment where instances are disaggregated.
  const ServiceAnswer& answer(const Progress& progress);
  /// Whether the answer, which there must be, keeps these.
  bool keeps(const std::vector<ServiceLimitOf>& limits) const {
    return pools_.service.stable && keeps_limits(pools_.service.run, limits);
  }
  /// As the answer; after it.
  Trials trials() const;

  /// Runs a load of the whole deployment, laid out like this but with as many schedulers, or with
  /// other pools. Nothing where it cannot be served.
  std::optional<ServiceRun> run(const ServiceLoad& whole, std::int64_t schedulers) const;
  std::optional<ServiceRun> run(const ServiceLoad& whole, const Disaggregation& pools) const;

  const ServiceLoad& load() const { return load_; }  ///< as the answer
  /// How many share the load, each like the answer's.
  std::int64_t schedulers() const { return schedulers_; }
  std::int64_t gpus() const { return gpus_; }  ///< of the whole deployment
  Source source() const;                       ///< the least sure of all steps so far
  const EngineProfile& profile() const { return deployment_.cost.profile; }
  const Server& server() const { return server_; }
  /// Nothing but where instances are disaggregated.
  const KvTransfer* transfer() const { return transfer_ ? &*transfer_ : nullptr; }
  const DisaggregatedAnswer& pools() const { return pools_; }

 private:
  Deployment deployment_;
  std::int64_t schedulers_, gpus_;
  ServiceLoad load_;
  ServiceSteps steps_;
  Server server_;
  std::optional<KvTransfer> transfer_;
  DisaggregatedServer disaggregated_;
  DisaggregatedAnswer pools_;  ///< its service is the answer; the rest where disaggregated
};

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_SIMULATED_SERVICE_H_
