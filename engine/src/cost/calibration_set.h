// All that was fitted: calibrations of accelerators, profiles of engines, and which of them holds
// for a request.
#ifndef TOKENCAST_COST_CALIBRATION_SET_H_
#define TOKENCAST_COST_CALIBRATION_SET_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/engine.h"
#include "cost/calibration.h"
#include "cost/engine_profile.h"
#include "cost/kernel_time.h"
#include "hardware/accelerator.h"

namespace tokencast {

/// An accelerator whose kernels were measured, as presets/calibration/index.json lists it.
struct MeasuredAccelerator {
  std::string id, architecture;
  double memory_bandwidth_bytes_per_s = 0;
};

/// Of one engine, those whose results profiles were fitted to.
struct MeasuredVersions {
  Engine oldest, newest;

  /// Takes in a version, which must be stated.
  void add(const Engine& engine);
};

/// A profile and for which engines it holds.
struct FittedProfile {
  Engine from;                    ///< its family, and its first version
  std::string vendor;             ///< of the accelerators that it holds for; empty: any
  std::string accelerator_class;  ///< the same, as presets have it
  EngineProfile profile;
  std::optional<MeasuredVersions> versions;  ///< nothing where no result states any
};

class CalibrationSet {
 public:
  /// Adds the calibration of one accelerator, in the place of an earlier one.
  void add(Calibration calibration);
  /// Sets what presets/calibration/index.json lists.
  void set_index(std::vector<MeasuredAccelerator> measured, std::vector<FittedProfile> profiles) {
    measured_ = std::move(measured);
    profiles_ = std::move(profiles);
  }

  /// Returns the set as if this accelerator had never been measured.
  CalibrationSet without(const std::string& accelerator) const;

  /// Returns the id of the measured accelerator whose curves hold for this one: itself, else the
  /// one of its architecture with the most bandwidth; "" where none is like it.
  std::string stands_for(const Accelerator& accelerator) const;

  /// Returns the versions of an engine that were measured, nothing where none is known.
  std::optional<MeasuredVersions> versions_of(EngineFamily family) const;

  /// Returns the cost model, with the calibration that stands for the accelerator if it was added.
  /// This set and the accelerator must outlive it.
  CostModel model(const Accelerator& accelerator, const Engine& engine) const;

 private:
  EngineProfile profile_of(const Engine& engine, const Accelerator& accelerator) const;

  std::vector<MeasuredAccelerator> measured_;
  std::vector<FittedProfile> profiles_;
  std::map<std::string, Calibration, std::less<>> calibrations_;
};

}  // namespace tokencast

#endif  // TOKENCAST_COST_CALIBRATION_SET_H_
