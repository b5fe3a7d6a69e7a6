// Reads what a request names by its preset or holds itself: models and accelerators.
#ifndef TOKENCAST_REPORT_PRESET_REQUEST_H_
#define TOKENCAST_REPORT_PRESET_REQUEST_H_

#include <string>

#include "base/json_reader.h"
#include "hardware/accelerator.h"
#include "model/architecture.h"
#include "tokencast/tokencast.h"

namespace tokencast {

/// Returns the model of a section with preset, config or both, and the preset's id in name.
///
/// Errors, left in the section: unknown_field, missing_field, unknown_preset and those of
/// read_pasted_config. What is returned then says nothing.
Architecture read_model(ObjectReader& section, const Presets& presets, std::string& name);

/// Leaves unsupported_quantization in the section, at the field, where a checkpoint's quantization
/// is not understood; hint says what to do instead.
void require_understood(const Quantization& quantization, ObjectReader& section, const char* field,
                        const char* hint);

/// Returns the accelerator of a request. Errors, left in root, as of read_model, and those of
/// read_accelerator.
Accelerator read_hardware(ObjectReader& root, const Presets& presets);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_PRESET_REQUEST_H_
