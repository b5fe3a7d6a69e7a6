// One call of a kernel on an accelerator, asked for by name and shape.
#ifndef TOKENCAST_REPORT_KERNEL_REQUEST_H_
#define TOKENCAST_REPORT_KERNEL_REQUEST_H_

#include <string>
#include <string_view>

#include "base/engine.h"
#include "base/json_reader.h"
#include "cost/calibration_set.h"
#include "cost/kernel_time.h"
#include "tokencast/tokencast.h"

namespace tokencast {

/// Returns the name under which calibrations have the kernels that an engine runs: its own, or
/// those of vLLM, which others build on or resemble.
std::string kernels_of(EngineFamily family);

/// named: which of an engine's kernels for the class, "" for the usual one.
KernelTime predict_kernel(const Kernel& kernel, const Accelerator& accelerator,
                          const Engine& engine, const CalibrationSet& set, std::string_view named);

/// Returns the text of the answer: time_s, low_s, high_s, source; or an error.
std::string answer_kernel(const Json& json, const Presets& presets, const CalibrationSet& set);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_KERNEL_REQUEST_H_
