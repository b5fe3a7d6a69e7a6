// How far predictions are from measurements, with cells weighted equally.
#ifndef TOKENCAST_ACCURACY_SUMMARY_H_
#define TOKENCAST_ACCURACY_SUMMARY_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tokencast::accuracy {

/// A value and its weight.
using Weighted = std::pair<double, double>;

/// Returns the least value at which share of the weight is reached; 0 without values.
double weighted_quantile(std::vector<Weighted> values, double share);

/// A prediction beside its measurement, both above 0.
struct Comparison {
  std::string cell;
  double measured = 0, predicted = 0, low = 0, high = 0;
};

/// Each cell counts as one, whatever the number of its comparisons.
struct Errors {
  std::int64_t rows = 0, cells = 0;
  double median = 0;  ///< of |predicted / measured − 1|
  double p90 = 0;
  double ratio = 0;   ///< median of predicted / measured
  double inside = 0;  ///< share whose measurement lies in the band
};

/// comparisons must not be empty.
Errors errors_of(const std::vector<Comparison>& comparisons);

/// Collects comparisons by group within several divisions ("set", "GPU").
class Summary {
 public:
  void add(std::string_view division, std::string_view group, const Comparison& comparison);

  /// Returns a table for each division, as text, in the order in which they were first named.
  std::string text() const;

 private:
  using Groups = std::map<std::string, std::vector<Comparison>, std::less<>>;
  std::vector<std::pair<std::string, Groups>> divisions_;
};

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_SUMMARY_H_
