// The values of a profile that are fitted: as a list, between bounds, and where a search starts.
#ifndef TOKENCAST_CALIBRATE_PROFILE_VALUES_H_
#define TOKENCAST_CALIBRATE_PROFILE_VALUES_H_

#include <vector>

#include "cost/engine_profile.h"
#include "profile_groups.h"
#include "search.h"

namespace tokencast::calibrate {

/// In the order of the values.
const std::vector<Bounds>& profile_bounds();

std::vector<double> values_of(const EngineProfile& profile);
void set_values(EngineProfile& profile, const std::vector<double>& values);

/// Returns where the first group of a family starts.
EngineProfile start_profile(const ProfileGroup& group);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_PROFILE_VALUES_H_
