#include "serving/service_load.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"

namespace tokencast {
namespace {

std::int64_t length(const ServiceLoad& load, double mean, double spread, Random random) {
  double tokens = mean;
  if (spread > 0 && load.lengths == Lengths::kUniform) {
    tokens = mean * (1 + spread * (2 * random.uniform() - 1));
  } else if (spread > 0 && load.lengths == Lengths::kLognormal) {
    // Of mean m and standard deviation s·m: σ² = ln(1 + s²), μ = ln m − σ²/2.
    const double variance = logarithm(1 + spread * spread);
    tokens = mean * exponential(std::sqrt(variance) * random.normal() - variance / 2);
  }
  return std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(tokens + 0.5)), 1);
}

}  // namespace

RequestSize size_of(const ServiceLoad& load, std::int64_t number) {
  RequestSize size;
  size.input =
      length(load, load.input_tokens, load.input_spread, Random(load.seed, Draw::kInput, number));
  size.output = length(load, load.output_tokens, load.output_spread,
                       Random(load.seed, Draw::kOutput, number));
  if (load.longest > 1 && load.lengths != Lengths::kFixed) {
    size.output = std::min(size.output, load.longest - 1);
    size.input = std::min(size.input, load.longest - size.output);
  }
  const double cached = static_cast<double>(size.input) * load.prefix_hit;
  size.cached = std::min(static_cast<std::int64_t>(cached), size.input - 1);
  return size;
}

RequestSize started_size_of(const ServiceLoad& load, std::int64_t number) {
  RequestSize size = size_of(load, number);
  if (number >= load.users || load.users <= 1) return size;
  constexpr double kGoldenRatio = 0.6180339887498949;
  const double place = static_cast<double>(number + 1) * kGoldenRatio;
  const double part = place - std::floor(place);
  const double left = std::ceil(static_cast<double>(size.output) * part);
  size.output = std::max<std::int64_t>(static_cast<std::int64_t>(left), 1);
  return size;
}

double gap_s(const ServiceLoad& load, std::int64_t number) {
  Random random(load.seed, Draw::kArrival, number);
  switch (load.arrivals) {
    case Arrivals::kPoisson:
      return random.exponential() / load.request_rate;
    case Arrivals::kBursty:
      return random.gamma(load.burstiness) / load.request_rate;
    case Arrivals::kConstant:
      break;
  }
  return 1 / load.request_rate;
}

double think_s(const ServiceLoad& load, std::int64_t number) {
  if (load.think_time_s == 0) return 0;
  return load.think_time_s * Random(load.seed, Draw::kThink, number).exponential();
}

}  // namespace tokencast
