// How long calls of one class of kernels take on one accelerator: a few parameters with a meaning,
// corrected by surfaces over the sizes of the call.
//
// log time = log(overhead + serial · latency + (compute / e_c ⊕ memory / e_m) + link / e_l)
//            + Σ surfaces, where a ⊕ b = (aᵖ + bᵖ)^(1/p): a kernel that overlaps both fully takes
// the longer (p large), one that overlaps nothing their sum (p = 1).
// No time is below the physical limit, whatever the fit says.
#ifndef TOKENCAST_COST_CURVE_H_
#define TOKENCAST_COST_CURVE_H_

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "cost/kernel.h"
#include "cost/surface.h"
#include "hardware/accelerator.h"

namespace tokencast {

/// Seconds at the accelerator's peaks.
struct PeakTimes {
  double compute_s = 0, memory_s = 0, link_s = 0;
  double serial = 0;
  double limit_s = 0;  ///< no call is faster
};

/// Returns the times of work; the peak that is used is accelerator's for work.compute, or of the
/// nearest format it has units for. Work of vector units adds to compute_s, and not to the limit:
/// how much of it runs beside the rest is not known. link_bytes_per_s: of the group that
/// communicates, 0 for none.
PeakTimes peak_times(const KernelWork& work, const Accelerator& accelerator,
                     double link_bytes_per_s);

struct CurveParameters {
  double overhead_s = 3e-6;
  double latency_s = 0;  ///< of one unit of KernelWork::serial
  double compute = 0.7;  ///< share of the peak, as are the next two
  double memory = 0.8;
  double link = 0.8;
  double overlap = 3;  ///< p
};

/// log(measured / estimated), at the 10 % and 90 % quantiles, on calls that were not fitted.
struct LogBand {
  double low = 0, high = 0;
};

struct Curve {
  CurveParameters parameters;
  std::vector<std::vector<double>> surfaces;  ///< one for each of grids_of(class); may be empty
  LogBand band;
};

/// Returns the grids of a class's surfaces, by the first part of its name.
std::span<const Axes> grids_of(std::string_view kernel_class);

/// Returns the time by the parameters alone.
double base_time(const CurveParameters& parameters, const PeakTimes& peak);

/// Returns what the surfaces make of it: exp(Σ surfaces).
double factor_of(const Curve& curve, std::string_view kernel_class, const Coordinates& coordinates);

/// Returns the time of a call, at least peak.limit_s.
double time_of(const Curve& curve, std::string_view kernel_class, const PeakTimes& peak,
               const Coordinates& coordinates);

}  // namespace tokencast

#endif  // TOKENCAST_COST_CURVE_H_
