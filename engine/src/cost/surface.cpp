#include "cost/surface.h"

namespace tokencast {

std::size_t size_of(const Axes& axes) {
  std::size_t size = 1;
  for (const Axis& axis : axes) size *= axis.knots.size();
  return size;
}

double interpolate(const Axes& axes, const std::vector<double>& values, const double* coordinates) {
  double sum = 0;
  visit_corners(axes, coordinates,
                [&](std::size_t index, double weight) { sum += weight * values[index]; });
  return sum;
}

}  // namespace tokencast
