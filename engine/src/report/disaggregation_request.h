// Reads which instances compute prompts and which decode.
#ifndef TOKENCAST_REPORT_DISAGGREGATION_REQUEST_H_
#define TOKENCAST_REPORT_DISAGGREGATION_REQUEST_H_

#include "report/request.h"

namespace tokencast {

/// Fills request.disaggregation from deployment.disaggregation, if it is there; the layout is read
/// already.
///
/// Errors: those of a field, missing_field, conflicting_fields, illegal_layout.
void read_disaggregation(ObjectReader& deployment, Request& request);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_DISAGGREGATION_REQUEST_H_
