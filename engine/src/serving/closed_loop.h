// A closed loop: users who each send the next request as soon as the last one is answered, served
// by continuous batching. The steady state, in closed form over mean steps.
//
// A cycle of a request is the steps that prefill it and output_tokens − 1 steps that decode it.
// While all users run, each cycle sees every other user's prefill once.
//
// Ignores: the burst at the start of a benchmark (request_run.h has it), spread of lengths, the
// round trip between answer and next request, preemption, and bunching: prompts arrive evenly.
#ifndef TOKENCAST_SERVING_CLOSED_LOOP_H_
#define TOKENCAST_SERVING_CLOSED_LOOP_H_

#include <cstdint>

#include "memory/memory_plan.h"
#include "serving/engine_limits.h"
#include "serving/static_batch.h"
#include "serving/step_time.h"

namespace tokencast {

/// What keeps more sequences from running at once.
enum class LoopLimit {
  kUsers,   ///< nothing: all of them run
  kEngine,  ///< its maximum number of sequences
  kMemory   ///< the KV cache
};

/// Times are means over requests. Little's law holds: concurrency = requests_per_s · latency_s, and
/// decoding = requests_per_s · tpot_s · (output_tokens − 1).
struct ClosedLoop {
  LoopLimit limit = LoopLimit::kUsers;
  std::int64_t running = 1;  ///< sequences that run at once
  double decoding = 0;       ///< of which decode, on average
  Banded ttft_s;             ///< waiting for a place, and prefill beside the others
  Banded tpot_s;             ///< the steps that prefill others included; 0 with one output token
  Banded latency_s;
  Banded requests_per_s;
  Banded output_tokens_per_s;
  Banded total_tokens_per_s;
};

/// Returns how many sequences of this workload the KV cache holds at once, at least 1: at their
/// full length where the engine reserves it, else at their mean length.
std::int64_t sequences_in_memory(const Deployment& deployment, const EngineLimits& limits,
                                 const Workload& workload);

/// memory_sequences as sequences_in_memory returns it.
ClosedLoop run_closed_loop(const StepTimes& times, const EngineLimits& limits,
                           std::int64_t memory_sequences, const Workload& workload);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_CLOSED_LOOP_H_
