// The report on measured kernels: a prediction for each call, and how far they are off.
#ifndef TOKENCAST_ACCURACY_KERNEL_REPORT_H_
#define TOKENCAST_ACCURACY_KERNEL_REPORT_H_

#include <string>

#include "base/result.h"
#include "tokencast/tokencast.h"

namespace tokencast::accuracy {

struct KernelReportOptions {
  std::string kernels;  ///< the folder of tables
  std::string rows;     ///< where to write a line for each row; empty: nowhere
  /// Each accelerator's calls are predicted as if none of its own had been measured, by what stands
  /// for it then: another accelerator of its architecture. Where there is none they are left out.
  bool leave_out_accelerator = false;
};

/// Returns the tables as text: by operation, by accelerator, and by both. Calls of which the
/// calibration was fitted are among them: `calibrate` prints the errors of calls left out.
/// Errors: unreadable_file, unwritable_file.
Result<std::string> kernel_report(const KernelReportOptions& options, const Presets& presets,
                                  const Calibrations& calibrations);

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_KERNEL_REPORT_H_
