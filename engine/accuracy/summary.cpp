#include "accuracy/summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace tokencast::accuracy {
double weighted_quantile(std::vector<Weighted> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  double all = 0;
  for (const auto& [value, weight] : values) all += weight;
  double sum = 0;
  for (const auto& [value, weight] : values) {
    sum += weight;
    if (sum >= share * all) return value;
  }
  return values.back().first;
}

Errors errors_of(const std::vector<Comparison>& comparisons) {
  std::map<std::string, std::int64_t> in_cell;
  for (const Comparison& comparison : comparisons) ++in_cell[comparison.cell];
  std::vector<Weighted> ratios;
  std::vector<Weighted> errors;
  double inside = 0;
  for (const Comparison& comparison : comparisons) {
    const double weight = 1 / static_cast<double>(in_cell[comparison.cell]);
    const double ratio = comparison.predicted / comparison.measured;
    ratios.emplace_back(ratio, weight);
    errors.emplace_back(std::abs(ratio - 1), weight);
    const bool in_band =
        comparison.measured >= comparison.low && comparison.measured <= comparison.high;
    if (in_band) inside += weight;
  }
  Errors result;
  result.rows = static_cast<std::int64_t>(comparisons.size());
  result.cells = static_cast<std::int64_t>(in_cell.size());
  result.median = weighted_quantile(errors, 0.5);
  result.p90 = weighted_quantile(errors, 0.9);
  result.ratio = weighted_quantile(ratios, 0.5);
  result.inside = inside / static_cast<double>(in_cell.size());
  return result;
}

void Summary::add(std::string_view division, std::string_view group, const Comparison& comparison) {
  auto found = std::find_if(divisions_.begin(), divisions_.end(),
                            [&](const auto& entry) { return entry.first == division; });
  if (found == divisions_.end()) {
    divisions_.emplace_back(division, Groups());
    found = divisions_.end() - 1;
  }
  found->second[std::string(group)].push_back(comparison);
}

std::string Summary::text() const {
  std::string all;
  std::array<char, 160> line{};
  for (const auto& [division, groups] : divisions_) {
    std::snprintf(line.data(), line.size(), "%-34s %6s %6s %8s %8s %8s %8s\n",
                  ("by " + division).c_str(), "rows", "cells", "median", "P90", "ratio", "in band");
    all += line.data();
    for (const auto& [group, comparisons] : groups) {
      const Errors errors = errors_of(comparisons);
      std::snprintf(line.data(), line.size(),
                    "  %-32.32s %6lld %6lld %7.1f%% %7.1f%% %8.2f %7.0f%%\n", group.c_str(),
                    static_cast<long long>(errors.rows), static_cast<long long>(errors.cells),
                    100 * errors.median, 100 * errors.p90, errors.ratio, 100 * errors.inside);
      all += line.data();
    }
    all += '\n';
  }
  return all;
}

}  // namespace tokencast::accuracy
