#include "graph/means.h"

namespace tokencast {
namespace {

double as_double(std::int64_t value) { return static_cast<double>(value); }

}  // namespace

double mean_keys(std::int64_t first, std::int64_t last, std::int64_t window) {
  const auto mean_of = [](std::int64_t from, std::int64_t to) {
    return (static_cast<double>(from) + static_cast<double>(to)) / 2;
  };
  if (window == 0 || last <= window) return mean_of(first, last);
  if (first >= window) return static_cast<double>(window);
  // Contexts up to the window grow; the rest stay at it.
  const auto growing = static_cast<double>(window - first + 1);
  const auto all = static_cast<double>(last - first + 1);
  return (growing * mean_of(first, window) + (all - growing) * static_cast<double>(window)) / all;
}

double mean_chunked_keys(std::int64_t first, std::int64_t last, std::int64_t chunk) {
  // A query at position p of its chunk attends to p + 1 tokens. Summed over contexts 1 to n:
  const auto sum_to = [chunk](std::int64_t n) {
    const std::int64_t chunks = n / chunk;
    const double whole = as_double(chunks);
    const double rest = as_double(n % chunk);
    const double size = as_double(chunk);
    return whole * size * (size + 1) / 2 + rest * (rest + 1) / 2;
  };
  return (sum_to(last) - sum_to(first - 1)) / static_cast<double>(last - first + 1);
}

double expected_experts(double experts, double top_k, std::int64_t tokens) {
  // Powers by squaring: only multiplications, so that every platform gets the same bits.
  double untouched = 1;
  double base = 1 - top_k / experts;
  for (std::int64_t exponent = tokens; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) untouched *= base;
    base *= base;
  }
  return experts * (1 - untouched);
}

double ranks_of_token(double ep, double top_k) {
  return expected_experts(ep, 1.0, static_cast<std::int64_t>(top_k));
}

}  // namespace tokencast
