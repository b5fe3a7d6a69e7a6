// What is asked of a service: how requests arrive, and how long they are.
//
// Ignores: conversations whose prompts grow, and load that changes over the day.
#ifndef TOKENCAST_SERVING_SERVICE_LOAD_H_
#define TOKENCAST_SERVING_SERVICE_LOAD_H_

#include <cstdint>

#include "serving/random.h"

namespace tokencast {

enum class Arrivals {
  kPoisson,
  kBursty,   ///< gaps by a gamma distribution, as vLLM's --burstiness
  kConstant  ///< equal gaps
};

enum class Lengths {
  kFixed,
  kUniform,   ///< evenly from mean · (1 − spread) to mean · (1 + spread)
  kLognormal  ///< with the standard deviation mean · spread
};

/// Either users, who send a request, read and think, and send the next one; or requests at a rate,
/// whatever becomes of those before.
struct ServiceLoad {
  std::int64_t users = 0;   ///< 0: request_rate holds
  double think_time_s = 0;  ///< mean; exponentially distributed
  double request_rate = 0;  ///< per second
  Arrivals arrivals = Arrivals::kPoisson;
  double burstiness = 1;  ///< shape of the gamma distribution of gaps; small is bursty
  Lengths lengths = Lengths::kFixed;
  double input_tokens = 1;   ///< mean
  double output_tokens = 1;  ///< mean
  double input_spread = 0;
  double output_spread = 0;
  double prefix_hit = 0;         ///< share of prompt tokens whose KV is there already
  std::int64_t longest = 0;      ///< prompt and output together, 0: any
  std::int64_t requests = 1000;  ///< that are measured, at least
  std::uint64_t seed = 1;
  bool settles = true;  ///< false: more arrive than can be served, so that nobody waits for it

  bool closed() const { return users > 0; }
};

struct RequestSize {
  std::int64_t input = 1;
  std::int64_t cached = 0;  ///< tokens of the prompt that need not be prefilled, not all
  std::int64_t output = 1;
};

/// Returns the size of the nth request.
RequestSize size_of(const ServiceLoad& load, std::int64_t number);

/// Returns the same, where the first request of each user is what is left of one: they end at
/// spread times, as if the loop had run for long.
RequestSize started_size_of(const ServiceLoad& load, std::int64_t number);

/// Returns the seconds between the nth request and the one before it, at the load's rate.
double gap_s(const ServiceLoad& load, std::int64_t number);

/// Returns the seconds that a user takes before the nth request.
double think_s(const ServiceLoad& load, std::int64_t number);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_SERVICE_LOAD_H_
