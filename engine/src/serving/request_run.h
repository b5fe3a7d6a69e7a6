// A benchmark run, step by step: users send requests one after the other until all are sent, and
// all start at once. The reference for closed forms, and what published results are compared with.
//
// Ignores: that a request is on its way to the queue, which is added to its TTFT, while others
// run; preemption; spread of prompt lengths.
#ifndef TOKENCAST_SERVING_REQUEST_RUN_H_
#define TOKENCAST_SERVING_REQUEST_RUN_H_

#include <cstdint>

#include "serving/engine_limits.h"
#include "serving/step_table.h"

namespace tokencast {

/// How output lengths are spread.
enum class LengthSpread {
  kEven,     ///< evenly around the mean
  kLongTail  ///< many short and few long ones, up to four times the mean: a chat
};

struct RequestRun {
  std::int64_t users = 1;
  std::int64_t requests = 1;  ///< of all users together, at least as many as they are
  std::int64_t input_tokens = 1;
  std::int64_t output_tokens = 1;  ///< mean
  LengthSpread spread = LengthSpread::kEven;
  double even_spread = 0;  ///< share of the mean, 0 to 1: lengths from mean · (1 − this) on

  /// Returns the length that this share of the outputs does not exceed: 0 the shortest, 1 the
  /// longest.
  double output_length(double share) const;
};

struct RunResult {
  Banded duration_s;                            ///< from the start to the last token
  Banded ttft_s;                                ///< means over requests
  Banded tpot_s;                                ///< of requests with more than one output token
  double prompt_tokens = 0, output_tokens = 0;  ///< of all requests
};

/// places is how many sequences run at once. Which step does what does not depend on how long
/// steps take, so that the band's ends are the same schedule at the ends of the steps' bands.
RunResult simulate(const RequestRun& run, const EngineLimits& limits, std::int64_t places,
                   StepTable& table);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_REQUEST_RUN_H_
