#include "search.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <unsupported/Eigen/NonLinearOptimization>
#include <unsupported/Eigen/NumericalDiff>

namespace tokencast::calibrate {
namespace {

/// Maps the line to between the bounds, in logarithms, so that the search needs no constraints.
std::vector<double> values_at(const std::vector<Bounds>& bounds, const Eigen::VectorXd& x) {
  std::vector<double> values;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const double share = 1 / (1 + std::exp(-x[static_cast<Eigen::Index>(i)]));
    values.push_back(std::exp(std::log(bounds[i].low) +
                              share * (std::log(bounds[i].high) - std::log(bounds[i].low))));
  }
  return values;
}

Eigen::VectorXd point_of(const std::vector<Bounds>& bounds, const std::vector<double>& values) {
  Eigen::VectorXd x(static_cast<Eigen::Index>(bounds.size()));
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const double share = (std::log(values[i]) - std::log(bounds[i].low)) /
                         (std::log(bounds[i].high) - std::log(bounds[i].low));
    constexpr double kEdge = 0.01;
    const double inside = std::clamp(share, kEdge, 1 - kEdge);
    x[static_cast<Eigen::Index>(i)] = std::log(inside / (1 - inside));
  }
  return x;
}

struct Problem {
  using Scalar = double;
  using InputType = Eigen::VectorXd;
  using ValueType = Eigen::VectorXd;
  using JacobianType = Eigen::MatrixXd;
  // Names that Eigen asks for. NOLINTNEXTLINE(readability-identifier-naming)
  enum { InputsAtCompileTime = Eigen::Dynamic, ValuesAtCompileTime = Eigen::Dynamic };

  const std::vector<Bounds>& bounds;
  const Eigen::VectorXd& start;
  std::size_t residuals;
  const Residuals& fill;
  double hold;

  int inputs() const { return static_cast<int>(bounds.size()); }
  int values() const { return static_cast<int>(residuals + bounds.size()); }

  int operator()(const Eigen::VectorXd& x, Eigen::VectorXd& out) const {
    std::vector<double> filled(residuals);
    fill(values_at(bounds, x), filled);
    for (std::size_t i = 0; i < residuals; ++i) out[static_cast<Eigen::Index>(i)] = filled[i];
    const auto offset = static_cast<Eigen::Index>(residuals);
    for (Eigen::Index p = 0; p < x.size(); ++p) out[offset + p] = hold * (x[p] - start[p]);
    return 0;
  }
};

Found search_all(const std::vector<Bounds>& bounds, const std::vector<double>& start,
                 const std::vector<double>& begin, std::size_t residuals, const Residuals& fill,
                 double hold, int most_calls) {
  const Eigen::VectorXd origin = point_of(bounds, start);
  Eigen::VectorXd x = point_of(bounds, begin);
  const Problem problem{bounds, origin, residuals, fill, hold};
  // Slopes over a step that is small, but not lost in what the residuals round.
  constexpr double kStep = 1e-6;
  Eigen::NumericalDiff<Problem> with_slopes(problem, kStep);
  Eigen::LevenbergMarquardt<Eigen::NumericalDiff<Problem>> optimiser(with_slopes);
  optimiser.parameters.maxfev = most_calls;
  optimiser.minimize(x);
  return {values_at(bounds, x), optimiser.fvec.norm()};
}

/// Which of the values any residual depends on.
std::vector<std::size_t> telling(const std::vector<Bounds>& bounds,
                                 const std::vector<double>& values, std::size_t residuals,
                                 const Residuals& fill) {
  std::vector<double> before(residuals), after(residuals);
  fill(values, before);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < values.size(); ++i) {
    constexpr double kMove = 1.1;
    std::vector<double> moved = values;
    moved[i] = values[i] * kMove < bounds[i].high ? values[i] * kMove : values[i] / kMove;
    fill(moved, after);
    if (after != before) found.push_back(i);
  }
  return found;
}

}  // namespace

Found search_steps(const std::vector<Bounds>& bounds, const std::vector<double>& start,
                   const std::vector<double>& begin, std::size_t residuals, const Residuals& fill,
                   double hold, int most_steps) {
  const std::vector<std::size_t> moving = telling(bounds, begin, residuals, fill);
  if (moving.empty()) return {begin, 0};
  std::vector<Bounds> their_bounds;
  std::vector<double> their_start, their_begin;
  for (const std::size_t i : moving) {
    their_bounds.push_back(bounds[i]);
    their_start.push_back(start[i]);
    their_begin.push_back(begin[i]);
  }
  std::vector<double> values = begin;
  const auto place = [&](const std::vector<double>& theirs) {
    for (std::size_t i = 0; i < moving.size(); ++i) values[moving[i]] = theirs[i];
  };
  const Residuals their_fill = [&](const std::vector<double>& theirs, std::vector<double>& out) {
    place(theirs);
    fill(values, out);
  };
  const int calls = most_steps * static_cast<int>(moving.size() + 1);
  const Found found =
      search_all(their_bounds, their_start, their_begin, residuals, their_fill, hold, calls);
  place(found.values);
  return {values, found.norm};
}

Found search(const std::vector<Bounds>& bounds, const std::vector<double>& start,
             std::size_t residuals, const Residuals& fill, double hold, int most_calls) {
  return search_all(bounds, start, start, residuals, fill, hold, most_calls);
}

double redescending(double error, double scale) {
  const double scaled = error / scale;
  return std::copysign(std::sqrt(std::log1p(scaled * scaled)), error);
}

double robust(double error, double scale) {
  const double scaled = error / scale;
  return std::copysign(std::sqrt(2 * (std::sqrt(1 + scaled * scaled) - 1)), error);
}

}  // namespace tokencast::calibrate
