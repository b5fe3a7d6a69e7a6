#include "cost/calibration_set.h"

#include <tuple>
#include <utility>

namespace tokencast {
namespace {

/// "Blackwell Ultra" and "Blackwell (Thor)" run the kernels of "Blackwell".
bool descends_from(const std::string& architecture, const std::string& base) {
  return architecture == base ||
         (architecture.size() > base.size() && architecture.starts_with(base) &&
          architecture[base.size()] == ' ');
}

}  // namespace

void MeasuredVersions::add(const Engine& engine) {
  if (!oldest.versioned() || !engine.at_least(oldest.major, oldest.minor)) oldest = engine;
  if (!newest.versioned() || engine.at_least(newest.major, newest.minor)) newest = engine;
}

void CalibrationSet::add(Calibration calibration) {
  std::string id = calibration.accelerator;
  calibrations_.insert_or_assign(std::move(id), std::move(calibration));
}

CalibrationSet CalibrationSet::without(const std::string& accelerator) const {
  CalibrationSet set = *this;
  set.calibrations_.erase(accelerator);
  std::erase_if(set.measured_, [&](const MeasuredAccelerator& m) { return m.id == accelerator; });
  return set;
}

std::string CalibrationSet::stands_for(const Accelerator& accelerator) const {
  const MeasuredAccelerator* best = nullptr;
  for (const MeasuredAccelerator& measured : measured_) {
    if (measured.id == accelerator.id) return measured.id;
    if (accelerator.architecture.empty() ||
        !descends_from(accelerator.architecture, measured.architecture)) {
      continue;
    }
    // Of the same name first, then the one with the most bandwidth: always the same one for an
    // architecture, so that an accelerator with a little more of anything is never slower.
    const auto rank = [&](const MeasuredAccelerator& m) {
      return std::pair(m.architecture == accelerator.architecture, m.memory_bandwidth_bytes_per_s);
    };
    if (best == nullptr || rank(measured) > rank(*best)) best = &measured;
  }
  return best == nullptr ? "" : best->id;
}

EngineProfile CalibrationSet::profile_of(const Engine& engine,
                                         const Accelerator& accelerator) const {
  // The family's own before the generic one, then the accelerators that it was fitted on, then the
  // last version that is not later; of versions that are all later the first.
  const FittedProfile* best = nullptr;
  std::tuple<bool, int, bool, std::pair<int, int>> best_rank;
  for (const FittedProfile& fitted : profiles_) {
    const bool own = fitted.from.family == engine.family;
    if (!own && fitted.from.family != EngineFamily::kGeneric) continue;
    if (!fitted.vendor.empty() && fitted.vendor != accelerator.vendor) continue;
    const bool same_class = accelerator.accelerator_class &&
                            fitted.accelerator_class == name_of(*accelerator.accelerator_class);
    if (!fitted.accelerator_class.empty() && !same_class) continue;
    const int fitting = (fitted.vendor.empty() ? 0 : 1) + (same_class ? 1 : 0);
    const bool reached = engine.at_least(fitted.from.major, fitted.from.minor);
    const int sign = reached ? 1 : -1;
    const auto rank = std::tuple(own, fitting, reached,
                                 std::pair(sign * fitted.from.major, sign * fitted.from.minor));
    if (best == nullptr || rank > best_rank) {
      best = &fitted;
      best_rank = rank;
    }
  }
  return best == nullptr ? EngineProfile{} : best->profile;
}

std::optional<MeasuredVersions> CalibrationSet::versions_of(EngineFamily family) const {
  std::optional<MeasuredVersions> all;
  for (const FittedProfile& fitted : profiles_) {
    if (fitted.from.family != family || !fitted.versions) continue;
    if (!all) all.emplace();
    all->add(fitted.versions->oldest);
    all->add(fitted.versions->newest);
  }
  return all;
}

CostModel CalibrationSet::model(const Accelerator& accelerator, const Engine& engine) const {
  CostModel model;
  model.accelerator = &accelerator;
  const auto found = calibrations_.find(stands_for(accelerator));
  if (found != calibrations_.end()) model.calibration = &found->second;
  model.profile = profile_of(engine, accelerator);
  return model;
}

}  // namespace tokencast
