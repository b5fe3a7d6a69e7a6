// Reads an accelerator in the form of presets/accelerators/*.json.
#ifndef TOKENCAST_HARDWARE_READ_ACCELERATOR_H_
#define TOKENCAST_HARDWARE_READ_ACCELERATOR_H_

#include <string>

#include "base/json_reader.h"
#include "hardware/accelerator.h"

namespace tokencast {

/// Returns the accelerator; path is the JSON pointer of json, put before the path of every error.
///
/// Errors: missing_field, wrong_type, out_of_range, unknown_field.
Result<Accelerator> read_accelerator(const Json& json, const std::string& path);

}  // namespace tokencast

#endif  // TOKENCAST_HARDWARE_READ_ACCELERATOR_H_
