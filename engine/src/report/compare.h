// Answers a comparison of a user's own measurement with what is predicted for it:
// docs/wire-format.md, "Of compare".
#ifndef TOKENCAST_REPORT_COMPARE_H_
#define TOKENCAST_REPORT_COMPARE_H_

#include <string>
#include <string_view>

#include "cost/calibration_set.h"
#include "report/request.h"

namespace tokencast {

/// text: as read_measurement takes it.
std::string compare_request(const Request& request, std::string_view text,
                            const CalibrationSet& calibrations);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_COMPARE_H_
