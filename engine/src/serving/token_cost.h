// What tokens cost on rented accelerators.
//
// Ignores: hours in which a deployment idles. The batch runs again and again.
#ifndef TOKENCAST_SERVING_TOKEN_COST_H_
#define TOKENCAST_SERVING_TOKEN_COST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "hardware/price.h"
#include "serving/static_batch.h"

namespace tokencast {

/// What an hour of one accelerator costs.
struct HourlyPrice {
  std::string currency;
  double value = 0;
  std::optional<Price> of_preset;  ///< where it comes from; nothing: the user gave it
};

/// In the currency of the price.
struct TokenCost {
  double per_million_output_tokens = 0;  ///< all of the cost on the output
  double per_million_tokens = 0;         ///< spread over prompt and output
};

TokenCost token_cost(const StaticBatch& batch, double price_per_hour, std::int64_t accelerators);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_TOKEN_COST_H_
