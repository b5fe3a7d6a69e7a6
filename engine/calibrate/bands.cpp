#include "bands.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "accuracy/summary.h"

namespace tokencast::calibrate {
namespace {

constexpr std::size_t kFewestCells = 3;
// Where nothing is known: a third less to twice as much.
constexpr LogBand kWide = {-0.4, 0.7};
constexpr double kWidest = 2.3;  // ten times

double rounded(double value) {
  constexpr double kDigits = 100;
  return std::round(value * kDigits) / kDigits;
}

}  // namespace

LogBand band_of(const std::vector<OutOfFold>& residuals, bool prefill, int without_fold) {
  std::vector<accuracy::Weighted> values;
  std::set<std::size_t> cells;
  for (const OutOfFold& residual : residuals) {
    if (residual.prefill != prefill || residual.fold == without_fold) continue;
    values.emplace_back(residual.value, residual.weight);
    cells.insert(residual.cell);
  }
  double sum = 0;
  for (const accuracy::Weighted& value : values) sum += value.second;
  // One cell's worth of the wide band's ends.
  const double share = cells.empty() ? 1 : sum / static_cast<double>(cells.size());
  values.emplace_back(kWide.low, share / 2);
  values.emplace_back(kWide.high, share / 2);
  const auto edge = [&](double quantile) {
    return std::clamp(rounded(accuracy::weighted_quantile(values, quantile)), -kWidest, kWidest);
  };
  return {std::min(edge(0.1), -0.02), std::max(edge(0.9), 0.02)};
}

BandWidths widths_of(const std::vector<OutOfFold>& residuals, const std::vector<LogBand>& bands) {
  BandWidths widths = kUnchangedWidths;
  for (std::size_t of = 0; of < 2 * widths.size(); ++of) {
    const auto model = static_cast<ModelClass>(of / 2);
    const bool prefill = of % 2 == 0;
    std::vector<accuracy::Weighted> scores;
    std::set<std::size_t> cells;
    for (std::size_t i = 0; i < residuals.size(); ++i) {
      const OutOfFold& residual = residuals[i];
      if (residual.model != model || residual.prefill != prefill) continue;
      const double edge = residual.value < 0 ? bands[i].low : bands[i].high;
      scores.emplace_back(residual.value / edge, residual.weight);
      cells.insert(residual.cell);
    }
    if (cells.size() < kFewestCells) continue;
    constexpr double kNarrowest = 0.7;
    constexpr double kMost = 3;
    widths[of / 2][of % 2] =
        std::clamp(rounded(accuracy::weighted_quantile(scores, 0.8)), kNarrowest, kMost);
  }
  return widths;
}

}  // namespace tokencast::calibrate
