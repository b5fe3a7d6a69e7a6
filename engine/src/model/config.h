// Reads a config.json into an Architecture.
#ifndef TOKENCAST_MODEL_CONFIG_H_
#define TOKENCAST_MODEL_CONFIG_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "model/architecture.h"

namespace tokencast {

/// Returns the architecture that a config describes.
///
/// path is the JSON pointer of config, put before the path of every error.
/// Errors: unsupported_architecture, not_a_decoder, missing_field, wrong_type, out_of_range,
/// inconsistent_config.
Result<Architecture> read_config(const Json& config, const std::string& path);

/// Returns the architecture of a config as it was pasted: JSON, a Python dict, or several of them
/// in one text.
///
/// choice counts from 1 which of several is meant; 0: not chosen. path as above, for every error.
/// Errors: also text_too_large, invalid_json, several_configs (with their titles, one a line).
Result<Architecture> read_pasted_config(std::string_view text, std::int64_t choice,
                                        const std::string& path);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_CONFIG_H_
