// Fits a curve to measured calls of one class of kernels.
//
// Both steps minimise a robust loss of log(measured / estimated), so that a few outliers (a kernel
// that an engine picks by accident, a throttled run) do not bend the rest: parameters by
// Levenberg-Marquardt, then surfaces by reweighted least squares with a penalty on their curvature.
#ifndef TOKENCAST_CALIBRATE_FIT_H_
#define TOKENCAST_CALIBRATE_FIT_H_

#include <string>
#include <string_view>
#include <vector>

#include "cost/curve.h"

namespace tokencast::calibrate {

struct Sample {
  PeakTimes peak;
  Coordinates coordinates;
  double measured_s = 0;
  std::size_t geometry = 0;  ///< equal for calls that differ only in sequences and tokens
};

/// Returns the curve through samples; its band is left at 0.
Curve fit_curve(std::string_view kernel_class, const std::vector<Sample>& samples);

/// Returns for each sample the time that a fit without its geometry's fold gives: five folds.
std::vector<double> predict_unseen(std::string_view kernel_class,
                                   const std::vector<Sample>& samples);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_FIT_H_
