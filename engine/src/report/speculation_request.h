// Reads speculative decoding: what drafts, how much, and how well.
#ifndef TOKENCAST_REPORT_SPECULATION_REQUEST_H_
#define TOKENCAST_REPORT_SPECULATION_REQUEST_H_

#include "report/request.h"

namespace tokencast {

/// Fills request.layout.speculation and request.speculative from deployment.speculative, if it is
/// there; the model, its formats and its layout are read already.
///
/// Errors: those of a field, missing_field, conflicting_fields, no_mtp_layers,
/// unsupported_quantization, and of the draft model those of read_model.
void read_speculation(ObjectReader& deployment, const Presets& presets, Request& request);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_SPECULATION_REQUEST_H_
