#include "hardware/price.h"

namespace tokencast {

const std::vector<std::string>& currencies() {
  static const std::vector<std::string> all = {"USD", "CNY"};
  return all;
}

const Price* newest_rental(const std::vector<Price>& prices) {
  const Price* newest = nullptr;
  for (const Price& price : prices) {
    if (price.kind != PriceKind::kRental) continue;
    if (newest == nullptr || price.date > newest->date) newest = &price;
  }
  return newest;
}

}  // namespace tokencast
