// Writes presets/calibration/index.json.
#ifndef TOKENCAST_CALIBRATE_WRITE_INDEX_H_
#define TOKENCAST_CALIBRATE_WRITE_INDEX_H_

#include <string>
#include <vector>

#include "fit_profiles.h"

namespace tokencast::calibrate {

/// Returns the text of the file: which accelerators were measured, and the profiles.
std::string index_text(const std::vector<MeasuredAccelerator>& measured,
                       const FittedProfiles& fitted);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_WRITE_INDEX_H_
