// A function of a few coordinates, given at the knots of a grid and linear between them.
#ifndef TOKENCAST_COST_SURFACE_H_
#define TOKENCAST_COST_SURFACE_H_

#include <cstddef>
#include <initializer_list>
#include <tuple>
#include <utility>
#include <vector>

namespace tokencast {

/// A list of at most `most`, in place: tables of such lists are data and take no code.
template <class T, std::size_t most>
class ShortList {
 public:
  constexpr ShortList() = default;
  constexpr ShortList(std::initializer_list<T> items) {
    for (const T& item : items) items_[size_++] = item;
  }
  constexpr std::size_t size() const { return size_; }
  constexpr const T& operator[](std::size_t i) const { return items_[i]; }
  constexpr const T& front() const { return items_[0]; }
  constexpr const T& back() const { return items_[size_ - 1]; }
  constexpr const T* begin() const { return items_; }
  constexpr const T* end() const { return items_ + size_; }

 private:
  T items_[most] = {};
  std::size_t size_ = 0;
};

using Knots = ShortList<double, 16>;

struct Axis {
  std::size_t coordinate = 0;  ///< which of the coordinates
  Knots knots;                 ///< ascending; beyond them the nearest value holds
};

/// The grid of a surface, without its values.
using Axes = ShortList<Axis, 3>;

std::size_t size_of(const Axes& axes);

/// Returns the knots around a point with their weights, which add up to 1: (index, weight), the
/// last axis counting fastest.
template <class Visit>
void visit_corners(const Axes& axes, const double* coordinates, Visit visit);

/// Returns the value at a point; values has size_of(axes) elements.
double interpolate(const Axes& axes, const std::vector<double>& values, const double* coordinates);

// Implementation.

namespace surface_detail {
/// The knot below x and the share of the way to the next.
inline std::pair<std::size_t, double> locate(const Knots& knots, double x) {
  if (knots.size() < 2 || !(x > knots.front())) return {0, 0.0};
  if (x >= knots.back()) return {knots.size() - 2, 1.0};
  std::size_t below = 0;
  while (knots[below + 1] <= x) ++below;
  return {below, (x - knots[below]) / (knots[below + 1] - knots[below])};
}
}  // namespace surface_detail

template <class Visit>
void visit_corners(const Axes& axes, const double* coordinates, Visit visit) {
  constexpr std::size_t kMostAxes = 4;
  std::size_t below[kMostAxes] = {};
  double share[kMostAxes] = {};
  std::size_t stride[kMostAxes] = {};
  std::size_t step = 1;
  for (std::size_t i = axes.size(); i-- > 0;) {
    std::tie(below[i], share[i]) =
        surface_detail::locate(axes[i].knots, coordinates[axes[i].coordinate]);
    stride[i] = step;
    step *= axes[i].knots.size();
  }
  for (std::size_t corner = 0; corner < (std::size_t{1} << axes.size()); ++corner) {
    std::size_t index = 0;
    double weight = 1;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const bool above = (corner >> i & 1) != 0;
      weight *= above ? share[i] : 1 - share[i];
      index += (below[i] + (above ? 1 : 0)) * stride[i];
    }
    if (weight > 0) visit(index, weight);
  }
}

}  // namespace tokencast

#endif  // TOKENCAST_COST_SURFACE_H_
