// A user's own benchmark beside what is predicted for it, and the factors on times that make both
// agree.
//
// Factors are fitted to logarithms of measured / predicted, both together, as prompts are in TTFT
// and TPOT alike under load. They are held near 1 as far as the rows say nothing.
//
// Ignores: spread of lengths and rates of arrival: a row is a closed loop of users with mean
// lengths.
#ifndef TOKENCAST_SERVING_OWN_MEASUREMENT_H_
#define TOKENCAST_SERVING_OWN_MEASUREMENT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memory/allocation.h"
#include "serving/engine_limits.h"
#include "serving/step_time.h"

namespace tokencast {

/// What benchmarks report: means, times in seconds.
enum class OwnMetric { kTtft, kTpot, kOutputRate, kTotalRate, kRequestRate };
constexpr std::size_t kOwnMetrics = 5;
std::string_view name_of(OwnMetric metric);  ///< "ttft_s"

/// A benchmark. Throughput is of the whole deployment.
struct OwnRow {
  std::int64_t line = 0;  ///< of the text, where it begins
  std::int64_t input_tokens = 1, output_tokens = 1;
  std::int64_t users = 1;
  std::int64_t requests = 0;  ///< of the run; 0: not known
  std::array<std::optional<double>, kOwnMetrics> measured;
};

struct OwnComparison {
  std::size_t row = 0;
  OwnMetric metric = OwnMetric::kTtft;
  double measured = 0;
  Banded predicted;
  double fitted = 0;  ///< predicted with the factors
};

struct OwnFit {
  std::vector<OwnComparison> comparisons;
  /// On times of steps with prompts, and of decode steps; nothing where no row depends on them.
  std::optional<double> prefill_factor, decode_factor;
  /// Half of the 80 % band, relative: of the rows with the factors, and of the profile's band
  /// before.
  double spread = 0;
};

/// Where a row runs. Each scheduler of the layout has an equal share of the users.
struct OwnServer {
  Deployment deployment;
  EngineLimits limits;
  Allocation allocation;
};

/// rows: at least one, each with at least one measured figure above 0.
OwnFit fit_own(const OwnServer& server, const std::vector<OwnRow>& rows);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_OWN_MEASUREMENT_H_
