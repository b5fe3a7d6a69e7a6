// Fits what engines add to their kernels to published serving results.
#ifndef TOKENCAST_CALIBRATE_FIT_PROFILES_H_
#define TOKENCAST_CALIBRATE_FIT_PROFILES_H_

#include <string>
#include <vector>

#include "base/engine.h"
#include "cost/calibration_set.h"
#include "tokencast/tokencast.h"

namespace tokencast::calibrate {

/// Which results a profile is fitted to: an engine from one version on, on some accelerators.
struct ProfileGroup {
  std::string engine, from, vendor, accelerator_class, kernels;
};

struct FittedGroup {
  ProfileGroup group;
  EngineProfile profile;
  std::size_t rows = 0, cells = 0;
  double median_error = 0, p90_error = 0;  ///< of cells that were not fitted
  double inside = 0;                       ///< share of them inside the band
};

/// A row that was predicted without its cell.
struct Unseen {
  std::string id;
  double predicted = 0, low = 0, high = 0;
};

struct FittedProfiles {
  std::vector<FittedGroup> groups;
  std::vector<Unseen> unseen;
};

/// serving: a file of results; configs: the folder with the models' configs. Throws
/// std::runtime_error when they cannot be read.
FittedProfiles fit_profiles(const std::string& serving, const std::string& configs,
                            const Presets& presets, const CalibrationSet& calibrations);

/// Returns the text of presets/calibration/index.json.
std::string index_text(const std::vector<MeasuredAccelerator>& measured,
                       const std::vector<FittedGroup>& groups);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_FIT_PROFILES_H_
