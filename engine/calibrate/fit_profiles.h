// Fits what engines add to their kernels to published serving results.
#ifndef TOKENCAST_CALIBRATE_FIT_PROFILES_H_
#define TOKENCAST_CALIBRATE_FIT_PROFILES_H_

#include <optional>
#include <string>
#include <vector>

#include "cost/calibration_set.h"
#include "profile_groups.h"
#include "tokencast/tokencast.h"

namespace tokencast::calibrate {

struct FittedGroup {
  ProfileGroup group;
  EngineProfile profile;
  std::size_t rows = 0, cells = 0;
  double median_error = 0, p90_error = 0;    ///< of cells that were not fitted
  double inside = 0;                         ///< share of them inside the band
  std::optional<MeasuredVersions> versions;  ///< of the rows that state one
};

/// A row that was predicted without its cell.
struct Unseen {
  std::string id;
  double predicted = 0, low = 0, high = 0;
};

/// What is left out together, to see how well it is met without.
enum class LeaveOut {
  kCell,         ///< a model on an accelerator from a source; dealt to five folds
  kAccelerator,  ///< one at a time, with its kernels where those were measured
  kModel         ///< dealt to five folds
};

struct FittedProfiles {
  std::vector<FittedGroup> groups;
  BandWidths widths = kUnchangedWidths;
  std::vector<Unseen> unseen;
};

/// serving: a file of results; configs: the folder with the models' configs. Throws
/// std::runtime_error when they cannot be read.
FittedProfiles fit_profiles(const std::string& serving, const std::string& configs,
                            const Presets& presets, const CalibrationSet& calibrations,
                            LeaveOut leave_out);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_FIT_PROFILES_H_
