// Mean and percentiles of what was seen.
#ifndef TOKENCAST_SERVING_DISTRIBUTION_H_
#define TOKENCAST_SERVING_DISTRIBUTION_H_

#include <utility>
#include <vector>

namespace tokencast {

/// A value and how often it was seen.
using Sample = std::pair<double, double>;

/// Mean and percentiles (linear between the nearest ranks).
struct Distribution {
  double mean = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0;
};

/// Returns the distribution of samples, which it sorts; all 0 without any.
Distribution distribution_of(std::vector<Sample>& samples);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_DISTRIBUTION_H_
