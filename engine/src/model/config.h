// Reads a config.json into an Architecture.
#ifndef TOKENCAST_MODEL_CONFIG_H_
#define TOKENCAST_MODEL_CONFIG_H_

#include <string>

#include "base/json_reader.h"
#include "model/architecture.h"

namespace tokencast {

/// Returns the architecture that a config describes.
///
/// path is the JSON pointer of config, put before the path of every error.
/// Errors: unsupported_architecture, not_a_decoder, missing_field, wrong_type, out_of_range,
/// inconsistent_config.
Result<Architecture> read_config(const Json& config, const std::string& path);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_CONFIG_H_
