#include "serving/step_time.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "cost/roofline.h"

namespace tokencast {

Banded& Banded::operator+=(const Banded& other) {
  value += other.value;
  low += other.low;
  high += other.high;
  source = std::max(source, other.source);
  return *this;
}

Banded operator+(Banded left, const Banded& right) { return left += right; }

Banded operator-(const Banded& left, const Banded& right) {
  return {left.value - right.value, left.low - right.low, left.high - right.high,
          std::max(left.source, right.source)};
}

Banded operator*(double factor, const Banded& banded) {
  return {factor * banded.value, factor * banded.low, factor * banded.high, banded.source};
}

Banded rate_of(double amount, const Banded& time_s) {
  return {amount / time_s.value, amount / time_s.high, amount / time_s.low, time_s.source};
}

namespace {

bool prefills(const std::vector<Step>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [](const Step& part) { return part.phase == Phase::kPrefill; });
}

}  // namespace

double widening(Source source) {
  switch (source) {
    case Source::kMeasured:
      break;
    case Source::kTransferred:
      return 0.1;
    case Source::kGeneric:
      return 0.2;
  }
  return 0;
}

StepShape shape_of(const Deployment& deployment, const std::vector<Step>& parts) {
  StepShape shape;
  shape.layers = static_cast<double>(layers_of(*deployment.architecture));
  shape.sequences = 0;
  for (const Step& part : parts) shape.sequences += static_cast<double>(part.sequences);
  shape.decode = !prefills(parts);
  return shape;
}

Banded with_band(const EngineProfile& profile, const StepShape& shape, double time_s,
                 double floor_s, Source source) {
  LogBand band = shape.decode ? profile.decode_band : profile.prefill_band;
  const double wider = std::max(widening(source) - widening(profile.known), 0.0);
  band.low -= wider;
  band.high += wider;
  const double low_s = std::max(time_s * exponential(band.low), std::min(floor_s, time_s));
  return {time_s, low_s, time_s * exponential(band.high), source};
}

StepCost step_cost(const Deployment& deployment, const std::vector<Step>& parts) {
  return cost_of(build_step(*deployment.architecture, *deployment.layout, parts), deployment.cost,
                 shape_of(deployment, parts));
}

Banded step_time(const Deployment& deployment, const std::vector<Step>& parts) {
  const StepCost cost = step_cost(deployment, parts);
  return with_band(deployment.cost.profile, shape_of(deployment, parts), cost.time_s,
                   step_floor_s(deployment, parts), cost.source);
}

Step prompt_part(std::int64_t tokens, std::int64_t prompt_tokens) {
  const std::int64_t prompts =
      std::max<std::int64_t>((tokens + prompt_tokens / 2) / prompt_tokens, 1);
  const std::int64_t each = std::max<std::int64_t>(tokens / prompts, 1);
  const std::int64_t cached = std::max<std::int64_t>((prompt_tokens - each) / 2, 0);
  const double emitting = static_cast<double>(each) / static_cast<double>(prompt_tokens);
  return {Phase::kPrefill, prompts, each, cached + 1, cached + each, std::min(emitting, 1.0)};
}

double step_floor_s(const Deployment& deployment, const std::vector<Step>& parts,
                    const Shares& shares) {
  const std::vector<Operator> operators =
      build_step(*deployment.architecture, *deployment.layout, parts);
  const PhysicalLimit limit = physical_limit(operators, *deployment.cost.accelerator);
  return std::max(limit.compute_s / shares.compute, limit.memory_s / shares.memory);
}

}  // namespace tokencast
