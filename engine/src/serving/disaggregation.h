// A service whose instances either compute prompts or decode: a request gets its first token from a
// prefill instance, its KV crosses to a decode instance, and what is left of its output comes from
// there.
//
// Requests go to schedulers in turn, as in vLLM's proxies.
//
// Ignores: KV that stays on a prefill instance until it has been fetched, room that a decode
// instance sets aside before, and routers that look at queues.
#ifndef TOKENCAST_SERVING_DISAGGREGATION_H_
#define TOKENCAST_SERVING_DISAGGREGATION_H_

#include <cstdint>
#include <optional>

#include "serving/kv_transfer.h"
#include "serving/service.h"

namespace tokencast {

/// Instances of one layout.
struct Disaggregation {
  std::int64_t prefill = 1;
  std::int64_t decode = 1;

  std::int64_t instances() const { return prefill + decode; }
};

/// What serves: each instance alike.
struct DisaggregatedServer {
  Server server;  ///< of one scheduler
  Disaggregation pools;
  std::int64_t schedulers = 1;  ///< of one instance
  const KvTransfer* transfer = nullptr;
};

enum class PoolBound { kPrefill, kDecode, kTransfer };

struct PoolAnswer {
  std::optional<Banded> most_requests_per_s;       ///< of the whole deployment; nothing: no limit
  ServiceLimit saturated = ServiceLimit::kDemand;  ///< what its queue waits for at that rate
  ServiceRun use;                                  ///< of one of its schedulers, on average
};

struct DisaggregatedAnswer {
  ServiceAnswer service;  ///< of the whole deployment
  PoolAnswer prefill, decode;
  double transfer_bytes = 0;   ///< that each rank sends of a mean prompt
  double transfer_s = 0;       ///< alone
  double transfer_mean_s = 0;  ///< with what it waits for the transfers before it
  Banded transfer_most_requests_per_s;
  PoolBound bound = PoolBound::kPrefill;       ///< of the lowest highest rate, and
  Banded most_requests_per_s;                  ///< that rate
  PoolBound next_bound = PoolBound::kPrefill;  ///< of the second lowest, and
  double next_requests_per_s = 0;              ///< that one; 0: there is none
};

/// The load is that of the whole deployment. A rate that cannot be served answers at 98 % of the
/// highest that can.
DisaggregatedAnswer answer_disaggregated(const ServiceLoad& load, const DisaggregatedServer& server,
                                         const Progress& progress);

/// Returns the highest rate of requests like the load's, as an answer has it, without a band.
Banded most_requests_per_s(const ServiceLoad& load, const DisaggregatedServer& server);

/// Returns runs of the whole deployment, as one scheduler's; the server must outlive them.
/// most_requests_per_s: of the answer.
Trials disaggregated_trials(const ServiceLoad& load, const DisaggregatedServer& server,
                            const Banded& most_requests_per_s);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_DISAGGREGATION_H_
