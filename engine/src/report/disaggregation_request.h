// Reads which instances compute prompts and which decode.
#ifndef TOKENCAST_REPORT_DISAGGREGATION_REQUEST_H_
#define TOKENCAST_REPORT_DISAGGREGATION_REQUEST_H_

#include <optional>

#include "report/request.h"

namespace tokencast {

/// Fills request.disaggregation from deployment.disaggregation, if it is there; the layout is read
/// already.
///
/// Errors: those of a field, missing_field, conflicting_fields, illegal_layout.
void read_disaggregation(ObjectReader& deployment, Request& request);

/// Returns why disaggregated instances cannot be simulated under the request's load:
/// needs_request_rate, conflicting_fields. Nothing where they can, or there are none.
std::optional<Error> check_disaggregated_load(const Request& request);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_DISAGGREGATION_REQUEST_H_
