// What an accelerator costs to rent or to buy, as its preset dates it.
#ifndef TOKENCAST_HARDWARE_PRICE_H_
#define TOKENCAST_HARDWARE_PRICE_H_

#include <string>
#include <vector>

namespace tokencast {

enum class PriceKind { kRental, kPurchase };

struct Price {
  PriceKind kind = PriceKind::kRental;
  std::string currency;
  double value = 0;    ///< of one accelerator; rental: for an hour
  std::string date;    ///< "2026", "2026-05" or "2026-05-20": texts that sort by time
  std::string source;  ///< where it was read
};

/// Every currency that prices may be in. Nothing converts between them.
const std::vector<std::string>& currencies();

/// Returns the rental price of the newest date, of two with one date the first; nullptr for none.
const Price* newest_rental(const std::vector<Price>& prices);

}  // namespace tokencast

#endif  // TOKENCAST_HARDWARE_PRICE_H_
