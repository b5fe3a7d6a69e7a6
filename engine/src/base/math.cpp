#include "base/math.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tokencast {
namespace {

// ln 2 in two parts: the high one has zeros at its end, so that its products with small whole
// numbers are exact.
constexpr double kLn2High = 6.93147180369123816490e-01;  // NOLINT(modernize-use-std-numbers)
constexpr double kLn2Low = 1.90821492927058770002e-10;
constexpr double kMost = 700;

}  // namespace

double exponential(double x) {
  const double within = std::clamp(x, -kMost, kMost);
  const double halves = std::floor(within / std::numbers::ln2 + 0.5);
  const double rest = (within - halves * kLn2High) - halves * kLn2Low;  // at most ln 2 / 2
  // Taylor, from the smallest term: 0.35¹⁸ / 18! is below 1e-24.
  constexpr int kTerms = 18;
  double sum = 1;
  for (int i = kTerms; i > 0; --i) sum = 1 + sum * rest / i;
  return std::ldexp(sum, static_cast<int>(halves));
}

double logarithm(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // from ½ to 1
  constexpr double kRootOfHalf = 0.70710678118654752;
  if (mantissa < kRootOfHalf) {
    mantissa *= 2;
    --exponent;
  }
  // ln m = 2 artanh t with t = (m − 1) / (m + 1), at most 0.172: t²⁵ is below 1e-19.
  const double t = (mantissa - 1) / (mantissa + 1);
  const double square = t * t;
  constexpr int kLast = 25;
  double sum = 0;
  for (int i = kLast; i > 0; i -= 2) sum = sum * square + 1.0 / i;
  return exponent * kLn2High + (exponent * kLn2Low + 2 * t * sum);
}

double logarithm2(double x) { return logarithm(x) / std::numbers::ln2; }

double power(double base, double exponent) {
  return base > 0 ? exponential(exponent * logarithm(base)) : (exponent == 0 ? 1 : 0);
}

}  // namespace tokencast
