// Answers and writes a simulated service: the other side of docs/wire-format.md, "Of simulate".
#ifndef TOKENCAST_REPORT_WRITE_SERVICE_H_
#define TOKENCAST_REPORT_WRITE_SERVICE_H_

#include <string>

#include "cost/calibration_set.h"
#include "report/request.h"

namespace tokencast {

/// notes: of the request.
std::string simulate_request(const Request& request, const CalibrationSet& calibrations,
                             std::vector<Note> notes, const Progress& progress);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_WRITE_SERVICE_H_
