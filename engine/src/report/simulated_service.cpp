#include "report/simulated_service.h"

#include <algorithm>

namespace tokencast {
namespace {

/// Fewer requests of one scheduler say little.
constexpr std::int64_t kFewest = 100;

/// Each scheduler has an equal share of the users, or of the requests.
ServiceLoad share_of(ServiceLoad load, std::int64_t schedulers) {
  if (schedulers == 1) return load;
  load.users = largest_share(load.users, schedulers);
  load.request_rate /= static_cast<double>(schedulers);
  load.requests = std::max(load.requests / schedulers, kFewest);
  return load;
}

std::optional<ServiceRun> run_if_stable(const ServiceLoad& load, const Trials& trials) {
  if (!load.closed() &&
      load.request_rate > kStable * trials.most_requests_per_s(load, End::kValue)) {
    return std::nullopt;
  }
  return trials.run(load, End::kValue);
}

}  // namespace

SimulatedService::SimulatedService(const Request& request, const CalibrationSet& calibrations)
    : deployment_{&request.architecture, &request.layout, cost_model_of(request, calibrations)},
      schedulers_(request.disaggregation ? 1 : request.layout.schedulers()),
      gpus_(request.layout.gpus()),
      load_(share_of(request.service.load, schedulers_)),
      steps_([this](const std::vector<Step>& parts) { return step_time(deployment_, parts); },
             load_),
      server_{&steps_, limits_of(request, deployment_.cost.profile),
              kv_pool(deployment_, request.allocation, load_)} {
  if (!request.disaggregation) return;
  gpus_ *= request.disaggregation->instances();
  transfer_.emplace(deployment_.cost, kv_route(request.layout, request.accelerator, gpus_));
  disaggregated_ = {server_, *request.disaggregation, request.layout.schedulers(), &*transfer_};
}

const ServiceAnswer& SimulatedService::answer(const Progress& progress) {
  if (transfer_) {
    pools_ = answer_disaggregated(load_, disaggregated_, progress);
  } else {
    pools_.service = answer_service(load_, server_, progress);
  }
  return pools_.service;
}

Trials SimulatedService::trials() const {
  return transfer_ ? disaggregated_trials(load_, disaggregated_, pools_.most_requests_per_s)
                   : trials_of(load_, server_);
}

std::optional<ServiceRun> SimulatedService::run(const ServiceLoad& whole,
                                                std::int64_t schedulers) const {
  if (transfer_) return run(whole, disaggregated_.pools);
  return run_if_stable(share_of(whole, schedulers), trials_of(load_, server_));
}

std::optional<ServiceRun> SimulatedService::run(const ServiceLoad& whole,
                                                const Disaggregation& pools) const {
  DisaggregatedServer other = disaggregated_;
  other.pools = pools;
  const Banded most = whole.closed() ? Banded() : most_requests_per_s(whole, other);
  return run_if_stable(whole, disaggregated_trials(whole, other, most));
}

Source SimulatedService::source() const {
  return transfer_ ? std::max(steps_.source(), transfer_->source()) : steps_.source();
}

}  // namespace tokencast
