// Least squares over parameters between bounds.
#ifndef TOKENCAST_CALIBRATE_SEARCH_H_
#define TOKENCAST_CALIBRATE_SEARCH_H_

#include <functional>
#include <vector>

namespace tokencast::calibrate {

/// Both above 0: the search is in logarithms.
struct Bounds {
  double low, high;
};

struct Found {
  std::vector<double> values;
  double norm = 0;  ///< of the residuals
};

/// Fills in the residuals of parameter values, always as many.
using Residuals = std::function<void(const std::vector<double>&, std::vector<double>&)>;

/// Returns the values near the start with the least sum of squares, by Levenberg-Marquardt with
/// numerical slopes. hold: pull to the start, for parameters that residuals tell little about.
Found search(const std::vector<Bounds>& bounds, const std::vector<double>& start,
             std::size_t residuals, const Residuals& fill, double hold, int most_calls);

/// The same from begin, still held to the start, in so many steps at most. Values that no residual
/// depends on stay.
Found search_steps(const std::vector<Bounds>& bounds, const std::vector<double>& start,
                   const std::vector<double>& begin, std::size_t residuals, const Residuals& fill,
                   double hold, int most_steps);

/// Returns the square root of a loss that is quadratic for small errors and linear for large ones,
/// with error's sign: 2 (√(1 + (error / scale)²) − 1).
double robust(double error, double scale);

/// The same where what is far off counts as good as nothing more: for what most agree on.
double redescending(double error, double scale);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_SEARCH_H_
