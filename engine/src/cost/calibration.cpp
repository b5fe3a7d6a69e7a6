#include "cost/calibration.h"

#include <algorithm>

namespace tokencast {

const MeasuredCurve* Calibration::find(std::string_view kernel_class, std::string_view engine,
                                       std::string_view kernel) const {
  const auto found = classes.find(kernel_class);
  if (found == classes.end() || found->second.empty()) return nullptr;
  const std::vector<MeasuredCurve>& curves = found->second;
  const auto first = [&](const auto& wanted) -> const MeasuredCurve* {
    const auto at = std::find_if(curves.begin(), curves.end(), wanted);
    return at == curves.end() ? nullptr : &*at;
  };
  const auto of_engine = [&](const MeasuredCurve& c) {
    return c.engine == engine || c.engine.empty();
  };
  if (!kernel.empty()) {
    const auto* exact =
        first([&](const MeasuredCurve& c) { return of_engine(c) && c.kernel == kernel; });
    if (exact != nullptr) return exact;
  }
  const MeasuredCurve* own = first(of_engine);
  return own != nullptr ? own : &curves.front();
}

}  // namespace tokencast
