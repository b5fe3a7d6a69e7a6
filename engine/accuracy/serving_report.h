// The report on serving results: a prediction for each row, and how far they are off.
#ifndef TOKENCAST_ACCURACY_SERVING_REPORT_H_
#define TOKENCAST_ACCURACY_SERVING_REPORT_H_

#include <optional>
#include <string>

#include "base/result.h"
#include "tokencast/tokencast.h"

namespace tokencast::accuracy {

struct ServingReportOptions {
  std::string serving;  ///< the file of results
  std::string configs;  ///< the folder of configs
  std::string rows;     ///< where to write a line for each row; empty: nowhere
};

/// Returns the tables as text. Errors: unreadable_file, unwritable_file.
Result<std::string> serving_report(const ServingReportOptions& options, const Presets& presets,
                                   const Calibrations& calibrations);

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_SERVING_REPORT_H_
