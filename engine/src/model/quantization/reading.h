// What the readers of quantization methods share.
#ifndef TOKENCAST_MODEL_QUANTIZATION_READING_H_
#define TOKENCAST_MODEL_QUANTIZATION_READING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/architecture.h"
#include "model/config_reader.h"
#include "model/module_list.h"

namespace tokencast {

// What fields may be.
constexpr Range kBits = {1, 16};
constexpr Range kGroupSize = {-1, 65536};  // -1: one group per output channel
// Bits of a scale.
constexpr double kScaleBits = 16;  // fp16 or bf16
constexpr double kFp32Bits = 32;

/// Notes that the quantization, what, is not understood: weight bytes are not given.
void not_understood(ConfigReader& config, const std::string& what, Architecture& architecture);

/// Adds modules to a list; patterns that are not understood are told of.
void add_modules(ConfigReader& config, ModuleList& modules, const std::vector<std::string>& names);

/// Returns the texts in a list, other entries left out; one text counts as a list.
std::vector<std::string> texts_in(const Json* list);

/// Returns the weights that share a scale, -1 for one scale per output channel; 0 is an error.
std::int64_t read_group(ConfigReader& config);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_QUANTIZATION_READING_H_
