#include "serving/step_time.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "base/math.h"
#include "cost/roofline.h"
#include "graph/speculation.h"

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

/// A draft's own are not counted: it is one layer, or a dense model.
double routed_layers_of(const Architecture& architecture) {
  std::int64_t layers = 0;
  for (const LayerGroup& group : architecture.layers) {
    for (const Ffn& ffn : group.layer.ffns) {
      if (std::holds_alternative<MoeFfn>(ffn)) layers += group.count;
    }
  }
  return static_cast<double>(layers);
}

}  // namespace

ModelClass class_of(const Architecture& architecture) {
  const auto any = [](const auto& list, const auto& holds) {
    return std::any_of(list.begin(), list.end(), holds);
  };
  ModelClass model = ModelClass::kDense;
  for (const LayerGroup& group : architecture.layers) {
    const bool routed =
        any(group.layer.ffns, [](const Ffn& ffn) { return std::holds_alternative<MoeFfn>(ffn); });
    const bool latent = any(group.layer.mixers, [](const Mixer& mixer) {
      return std::holds_alternative<LatentAttention>(mixer) ||
             std::holds_alternative<CompressedAttention>(mixer);
    });
    const bool recurrent = any(group.layer.mixers, [](const Mixer& mixer) {
      return std::holds_alternative<RecurrentMixer>(mixer);
    });
    if (routed) model = std::max(model, ModelClass::kRouted);
    if (latent) model = std::max(model, ModelClass::kLatent);
    if (recurrent) model = std::max(model, ModelClass::kRecurrent);
  }
  return model;
}

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
  shape.layers = static_cast<double>(layers_of(*deployment.architecture)) +
                 draft_layers(*deployment.layout, parts);
  shape.sequences = 0;
  for (const Step& part : parts) shape.sequences += static_cast<double>(part.sequences);
  shape.decode = !prefills(parts);
  shape.model = class_of(*deployment.architecture);
  shape.routed_layers = routed_layers_of(*deployment.architecture);
  shape.shared_layers = deployment.layout->attention_replicas() > 1 ? shape.routed_layers : 0;
  return shape;
}

Banded with_band(const EngineProfile& profile, const StepShape& shape, double time_s,
                 double floor_s, Source source) {
  LogBand band = shape.decode ? profile.decode_band : profile.prefill_band;
  const double width = profile.widths[static_cast<std::size_t>(shape.model)][shape.decode ? 1 : 0];
  band.low *= width;
  band.high *= width;
  const double wider = std::max(widening(source) - widening(profile.known), 0.0);
  band.low -= wider;
  band.high += wider;
  const OwnTimes& own = shape.decode ? profile.own_decode : profile.own_prefill;
  if (own.spread > 0) {
    band.high = logarithm(1 + own.spread);
    band.low = -band.high;
  }
  const double low_s = std::max(time_s * exponential(band.low), std::min(floor_s, time_s));
  return {time_s, low_s, time_s * exponential(band.high), source};
}

StepCost step_cost(const Deployment& deployment, const std::vector<Step>& parts) {
  if (deployment.layout->two_batch) {
    const std::vector<Operator> halves =
        build_halves(*deployment.architecture, *deployment.layout, parts);
    StepShape shape = shape_of(deployment, parts);
    shape.layers *= 2;
    shape.routed_layers *= 2;
    shape.shared_layers *= 2;
    if (!halves.empty()) return cost_of(halves, deployment.cost, shape, /*halves=*/true);
  }
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
  return std::max({limit.compute_s / shares.compute, limit.memory_s / shares.memory, limit.host_s});
}

}  // namespace tokencast
