// Reads which engine serves, and says how far its version is known.
#ifndef TOKENCAST_REPORT_ENGINE_REQUEST_H_
#define TOKENCAST_REPORT_ENGINE_REQUEST_H_

#include <optional>

#include "cost/calibration_set.h"
#include "report/json_writer.h"
#include "report/request.h"

namespace tokencast {

/// Fills request.engine_name and request.engine from deployment.
///
/// Errors: those of a field, no_version.
void read_engine(ObjectReader& deployment, Request& request);

/// Returns what is to be said where the version is older or newer than all that were measured.
std::optional<Note> version_note(const Request& request, const CalibrationSet& calibrations);

/// Returns the name of the profile that times rest on, with the engine as the wire names it: "vllm
/// 0.12"; null where nothing was fitted.
OrderedJson write_profile(const Request& request, const EngineProfile& profile);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_ENGINE_REQUEST_H_
