// A service under load, event by event: requests arrive, wait for a place and for KV cache, are
// prefilled by what a step's budget allows beside those that decode, and are put back when the KV
// cache runs out.
//
// Ignores: priorities, blocks of the KV cache (a token takes its bytes), what a preempted request
// finds cached when it comes back, and the time that scheduling itself takes beside the step's.
#ifndef TOKENCAST_SERVING_SCHEDULER_H_
#define TOKENCAST_SERVING_SCHEDULER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "serving/engine_limits.h"
#include "serving/service_load.h"
#include "serving/service_run.h"
#include "serving/service_steps.h"

namespace tokencast {

/// The KV cache: a sequence of C tokens takes per_sequence + C · per_token.
struct KvPool {
  double bytes = 0;
  double per_sequence = 0;
  double per_token = 0;

  double held(double sequences, double tokens) const {
    return sequences * per_sequence + tokens * per_token;
  }
  /// Sequences of this many tokens that it holds, at least 1 and at most `most`.
  std::int64_t sequences_of(double tokens, std::int64_t most) const;
};

/// What a request waited for, the longest part of the time.
enum class ServiceLimit { kDemand, kKvCache, kSequences, kCompute };

/// Runs until the load's window closes.
ServiceRun run_service(const ServiceLoad& load, const EngineLimits& limits, const KvPool& pool,
                       ServiceSteps& steps, End end);

/// The same where requests bring the KV of their prompts and have their first token: only what is
/// put back is prefilled.
ServiceRun run_decode(const ServiceLoad& load, const EngineLimits& limits, const KvPool& pool,
                      ServiceSteps& steps, End end);

/// What a scheduler does with requests: all of their output, or what follows a first token that
/// they have, as in run_decode.
enum class PoolPhase { kWhole, kDecode };

/// What a scheduler of a pool runs on. The parts must outlive it.
struct PoolServer {
  const EngineLimits* limits = nullptr;
  const KvPool* pool = nullptr;
  ServiceSteps* steps = nullptr;
  End end = End::kValue;
};

class Scheduler;

/// One of several schedulers that serve together: it is handed its requests, and told when to go
/// on. Times never go back.
class PoolScheduler {
 public:
  PoolScheduler(PoolPhase phase, const PoolServer& server);
  ~PoolScheduler();
  PoolScheduler(PoolScheduler&& other) noexcept;
  PoolScheduler(const PoolScheduler&) = delete;
  PoolScheduler& operator=(const PoolScheduler&) = delete;
  PoolScheduler& operator=(PoolScheduler&&) = delete;

  /// Hands it a request, whose first token was there at first_token_s where it only decodes.
  void take(double now_s, double first_token_s, const RequestSize& size);
  /// Begins a step if none runs and there is anything to do.
  void begin(double now_s);
  /// Returns when the step that runs ends; infinity where none does.
  double ends_s() const;
  /// Ends it. Returns the requests that have all of their output, by the order of take.
  std::vector<std::int64_t> end_step();
  /// From now on it is measured.
  void watch(double now_s);
  /// Returns averages since then, neither rates nor latencies.
  ServiceRun use(double now_s);
  /// Between tokens, since then.
  const std::vector<Sample>& gaps_s() const;

 private:
  std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_SCHEDULER_H_
