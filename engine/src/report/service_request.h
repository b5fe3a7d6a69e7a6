// Reads what of a workload only a simulation answers: arrivals, lengths, limits.
#ifndef TOKENCAST_REPORT_SERVICE_REQUEST_H_
#define TOKENCAST_REPORT_SERVICE_REQUEST_H_

#include "base/json_reader.h"
#include "report/request.h"

namespace tokencast {

/// Reads after the lengths and the concurrency; refuses keys that no workload has.
void read_service(ObjectReader& workload, Request& request);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_SERVICE_REQUEST_H_
