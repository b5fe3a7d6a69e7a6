#include "serving/token_cost.h"

namespace tokencast {

TokenCost token_cost(const StaticBatch& batch, double price_per_hour, std::int64_t accelerators) {
  constexpr double kSecondsPerHour = 3600;
  constexpr double kMillion = 1e6;
  const double per_s = price_per_hour * static_cast<double>(accelerators) / kSecondsPerHour;
  return {per_s / batch.output_tokens_per_s.value * kMillion,
          per_s / batch.total_tokens_per_s.value * kMillion};
}

}  // namespace tokencast
