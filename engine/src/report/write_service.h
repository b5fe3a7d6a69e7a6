// Answers and writes a simulated service: the other side of docs/wire-format.md, "Of simulate".
#ifndef TOKENCAST_REPORT_WRITE_SERVICE_H_
#define TOKENCAST_REPORT_WRITE_SERVICE_H_

#include <string>

#include "report/to_meet.h"

namespace tokencast {

/// notes: of the request.
std::string simulate_request(const Asked& asked, const CalibrationSet& calibrations,
                             std::vector<Note> notes, const Progress& progress);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_WRITE_SERVICE_H_
