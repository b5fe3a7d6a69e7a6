#include "cost/engine_profile.h"

#include <algorithm>

namespace tokencast {

std::string name_of(Source source) {
  switch (source) {
    case Source::kMeasured:
      return "measured";
    case Source::kTransferred:
      return "transferred";
    case Source::kGeneric:
      break;
  }
  return "generic";
}

std::string name_of(ModelClass model) {
  switch (model) {
    case ModelClass::kDense:
      break;
    case ModelClass::kRouted:
      return "moe";
    case ModelClass::kLatent:
      return "mla";
    case ModelClass::kRecurrent:
      return "hybrid";
  }
  return "dense";
}

double added_s(const EngineProfile& profile, const StepShape& shape, double kernels_s) {
  const double factor = shape.decode ? profile.decode : profile.prefill;
  const double launch_s = shape.decode ? profile.decode_launch_s : profile.prefill_launch_s;
  const double busy_s = kernels_s * factor + shape.layers * profile.layer_s +
                        shape.routed_layers * profile.routed_layer_s +
                        shape.shared_layers * profile.shared_layer_s;
  const double sequence_s = profile.sequence_s + (shape.decode ? 0 : profile.prefill_sequence_s);
  return profile.step_s + shape.sequences * sequence_s + std::max(busy_s, shape.layers * launch_s) -
         kernels_s;
}

}  // namespace tokencast
