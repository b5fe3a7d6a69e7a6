#include "serving/random.h"

#include <cmath>

#include "base/math.h"

namespace tokencast {

namespace {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15;

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed, Draw draw, std::int64_t number)
    : state_(mixed(mixed(seed + static_cast<std::uint64_t>(draw) * kGamma) +
                   static_cast<std::uint64_t>(number))) {}

std::uint64_t Random::next() {
  state_ += kGamma;
  return mixed(state_);
}

double Random::uniform() {
  constexpr double kStep = 1.0 / 9007199254740992.0;  // 2^-53
  return (static_cast<double>(next() >> 11) + 0.5) * kStep;
}

double Random::exponential() { return -logarithm(uniform()); }

double Random::normal() {
  // Marsaglia's polar method: a point in the unit circle.
  for (;;) {
    const double x = 2 * uniform() - 1;
    const double y = 2 * uniform() - 1;
    const double square = x * x + y * y;
    if (square > 0 && square < 1) return x * std::sqrt(-2 * logarithm(square) / square);
  }
}

double Random::gamma(double shape) {
  // Marsaglia, Tsang: A Simple Method for Generating Gamma Variables, 2000; below 1 by their
  // note: gamma(a) = gamma(a + 1) · u^(1/a).
  if (shape < 1) {
    const double larger = gamma(shape + 1) * (shape + 1);
    return larger * power(uniform(), 1 / shape) / shape;
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal();
    const double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
    if (v > 0 && logarithm(uniform()) < x * x / 2 + d - d * v + d * logarithm(v)) {
      return d * v / shape;
    }
  }
}

}  // namespace tokencast
