// A service under load, event by event: requests arrive, wait for a place and for KV cache, are
// prefilled by what a step's budget allows beside those that decode, and are put back when the KV
// cache runs out.
//
// Ignores: priorities, blocks of the KV cache (a token takes its bytes), what a preempted request
// finds cached when it comes back, and the time that scheduling itself takes beside the step's.
#ifndef TOKENCAST_SERVING_SCHEDULER_H_
#define TOKENCAST_SERVING_SCHEDULER_H_

#include <cstdint>
#include <vector>

#include "serving/distribution.h"
#include "serving/engine_limits.h"
#include "serving/service_load.h"
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

/// What was seen between warm-up and end. Averages are over time.
struct ServiceRun {
  Distribution ttft_s, tpot_s, itl_s, latency_s;
  double duration_s = 0;
  std::int64_t requests = 0;  ///< that ended
  double requests_per_s = 0, output_tokens_per_s = 0, total_tokens_per_s = 0;
  double in_system = 0;          ///< requests, waiting or running
  double queued = 0;             ///< without a place
  double running = 0;            ///< with a place
  double busy = 0;               ///< share of the time in which a step runs
  double kv_used = 0;            ///< share of the KV cache
  double budget_used = 0;        ///< share of the tokens that steps could take, while busy
  double blocked_kv = 0;         ///< share of the time in which the first in the queue lacks memory
  double blocked_sequences = 0;  ///< … a place
  double blocked_compute = 0;    ///< … room in the step
  std::int64_t preemptions = 0;
  bool timed = false;  ///< some request had more than one output token
};

/// Runs until warm-up and the load's requests are through, and the service is as full and its
/// requests are as old as at the end of warm-up: then Little's law holds.
ServiceRun run_service(const ServiceLoad& load, const EngineLimits& limits, const KvPool& pool,
                       ServiceSteps& steps, End end);

/// The same where requests bring the KV of their prompts and have their first token: only what is
/// put back is prefilled.
ServiceRun run_decode(const ServiceLoad& load, const EngineLimits& limits, const KvPool& pool,
                      ServiceSteps& steps, End end);

/// A request that reaches a scheduler at a known time.
struct TracedRequest {
  double arrival_s = 0;
  double first_token_s = 0;  ///< of those that only decode: when they had it, elsewhere
  RequestSize size;
};

/// What a scheduler does with the requests of a trace: all of their output, or what follows a first
/// token that they have, as in run_decode.
enum class TracePhase { kWhole, kDecode };

/// The time in which a scheduler is watched.
struct Watch {
  double begin_s = 0, end_s = 0;
};

/// What runs a trace. The parts must outlive the run.
struct PoolServer {
  const EngineLimits* limits = nullptr;
  const KvPool* pool = nullptr;
  ServiceSteps* steps = nullptr;
  End end = End::kValue;
};

struct TracedRun {
  ServiceRun use;              ///< averages over the watched time; neither rates nor latencies
  std::vector<double> ends_s;  ///< of each request of the trace
  std::vector<Sample> gaps_s;  ///< between tokens, in the watched time
};

/// Runs a trace, in the order of arrival, to its end.
TracedRun run_trace(const std::vector<TracedRequest>& trace, TracePhase phase, const Watch& watch,
                    const PoolServer& server);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_SCHEDULER_H_
