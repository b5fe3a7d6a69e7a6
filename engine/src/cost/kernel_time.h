// Seconds of one call of a kernel: by a measured curve where there is one, else by the nearest
// that was measured, else by generic shares of the peaks.
#ifndef TOKENCAST_COST_KERNEL_TIME_H_
#define TOKENCAST_COST_KERNEL_TIME_H_

#include <string>
#include <string_view>
#include <vector>

#include "cost/calibration.h"
#include "cost/engine_profile.h"
#include "cost/kernel.h"
#include "hardware/accelerator.h"

namespace tokencast {

/// What times are known from. The accelerator must outlive it, and the calibration if there is one.
struct CostModel {
  const Accelerator* accelerator = nullptr;
  const Calibration* calibration = nullptr;  ///< of the accelerator, or of one like it
  EngineProfile profile;
};

/// Parts of a time. Of a kernel: time = overhead + max(compute, memory) + link, or more where the
/// limit of the peaks is above that.
struct Parts {
  double compute_s = 0, memory_s = 0, link_s = 0, overhead_s = 0;
};

struct KernelTime {
  double time_s = 0;
  double launch_s = 0;  ///< of the overhead, what was the launch where it was measured
  Parts parts;
  double both = 1;  ///< by how much compute and memory lengthen each other in the parts
  LogBand band;     ///< log(measured / estimated), at the 10 % and 90 % quantiles
  Source source = Source::kGeneric;
};

/// Returns the time of a call, never below what the accelerator's peaks allow. named: which of an
/// engine's kernels for the class, "" for the usual one.
KernelTime time_of(const Kernel& kernel, const CostModel& model, std::string_view named = "");

/// The same where the caller knows the limit: peak is peak_times(work_of(kernel), …), or with
/// another limit.
KernelTime time_of(const Kernel& kernel, const PeakTimes& peak, const CostModel& model,
                   std::string_view named = "");

/// Returns the times of a call at the accelerator's peaks.
PeakTimes peaks_of(const Kernel& kernel, const Accelerator& accelerator);

/// Returns the least time that the accelerator's peaks allow for a call.
double limit_of(const Kernel& kernel, const Accelerator& accelerator);

/// Returns the classes that stand for a kernel, its own first, then those most like it.
std::vector<std::string> classes_like(const Kernel& kernel);

/// Returns what calls of a kind reach on most accelerators, where nothing like it was measured.
Curve generic_curve(const Kernel& kernel, const Accelerator& accelerator);

/// Returns bytes/s in one direction that one of a group of ranks can send; 0 without a link.
double group_bandwidth(const Accelerator& accelerator, double ranks);

}  // namespace tokencast

#endif  // TOKENCAST_COST_KERNEL_TIME_H_
