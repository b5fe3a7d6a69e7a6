#include "serving/step_time.h"

#include <algorithm>

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

double floor_of(const PhysicalLimit& limit) { return std::max(limit.compute_s, limit.memory_s); }

}  // namespace

Banded step_time(const Deployment& deployment, const std::vector<Step>& parts) {
  const Accelerator& accelerator = *deployment.accelerator;
  const std::vector<Operator> operators =
      build_step(*deployment.architecture, *deployment.layout, parts);
  const StepCost cost = cost_of(operators, accelerator, deployment.layout->tp);
  const double floor_s = floor_of(physical_limit(operators, accelerator));
  const bool prefill = std::any_of(parts.begin(), parts.end(),
                                   [](const Step& part) { return part.phase == Phase::kPrefill; });
  const Band band = prefill ? prefill_band() : decode_band();
  return {cost.time_s, std::max(cost.time_s * band.low, floor_s), cost.time_s * band.high,
          cost.source};
}

Step prompt_part(std::int64_t tokens, std::int64_t prompt_tokens) {
  const std::int64_t prompts =
      std::max<std::int64_t>((tokens + prompt_tokens / 2) / prompt_tokens, 1);
  const std::int64_t each = std::max<std::int64_t>(tokens / prompts, 1);
  const std::int64_t cached = std::max<std::int64_t>((prompt_tokens - each) / 2, 0);
  const double emitting = static_cast<double>(each) / static_cast<double>(prompt_tokens);
  return {Phase::kPrefill, prompts, each, cached + 1, cached + each, std::min(emitting, 1.0)};
}

double step_floor_s(const Deployment& deployment, const std::vector<Step>& parts) {
  const std::vector<Operator> operators =
      build_step(*deployment.architecture, *deployment.layout, parts);
  return floor_of(physical_limit(operators, *deployment.accelerator));
}

}  // namespace tokencast
