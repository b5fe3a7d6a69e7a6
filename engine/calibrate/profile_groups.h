// Which results have a profile of their own: an engine from one version on, on some accelerators.
#ifndef TOKENCAST_CALIBRATE_PROFILE_GROUPS_H_
#define TOKENCAST_CALIBRATE_PROFILE_GROUPS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/serving_case.h"

namespace tokencast::calibrate {

/// Which results a profile is fitted to: an engine from one version on, on some accelerators.
struct ProfileGroup {
  std::string engine, from, vendor, accelerator_class, kernels;
  bool dense_experts = false;  ///< it runs routed experts in its kernels of dense layers
};

/// The first of a family is the one that all its others start from.
const std::vector<ProfileGroup>& profile_groups();

/// Whether the group is of the engine and of such accelerators, whatever the version.
bool holds(const ProfileGroup& group, const accuracy::ServingCase& serving);

/// Returns the group that a CalibrationSet would choose for a case: its index, or nothing.
std::optional<std::size_t> profile_group_of(const accuracy::ServingCase& serving);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_PROFILE_GROUPS_H_
