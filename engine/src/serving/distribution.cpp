#include "serving/distribution.h"

#include <algorithm>

namespace tokencast {
namespace {

double percentile(const std::vector<Sample>& sorted, double total, double share) {
  // Between the ranks on either side, as if each sample stood there as often as it was seen.
  const double rank = share * (total - 1);
  double seen = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    seen += sorted[i].second;
    if (rank > seen - 1 && i + 1 < sorted.size()) {
      if (rank >= seen) continue;
      const double part = rank - (seen - 1);
      const double low = sorted[i].first;
      const double high = sorted[i + 1].first;
      return std::min(low + part * (high - low), high);
    }
    return sorted[i].first;
  }
  return 0;
}

}  // namespace

Distribution distribution_of(std::vector<Sample>& samples) {
  Distribution result;
  if (samples.empty()) return result;
  std::sort(samples.begin(), samples.end());
  double total = 0;
  double sum = 0;
  for (const auto& [value, times] : samples) {
    total += times;
    sum += times * value;
  }
  result.mean = sum / total;
  result.p50 = percentile(samples, total, 0.50);
  result.p90 = percentile(samples, total, 0.90);
  result.p95 = percentile(samples, total, 0.95);
  result.p99 = percentile(samples, total, 0.99);
  return result;
}

}  // namespace tokencast
