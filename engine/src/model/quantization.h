// Quantization of a checkpoint, and of one that is to be quantized.
//
// Ignores: lists of modules that stay 16 bit inside a quantized class (ignore lists), activation
// scales.
#ifndef TOKENCAST_MODEL_QUANTIZATION_H_
#define TOKENCAST_MODEL_QUANTIZATION_H_

#include "base/json_reader.h"
#include "model/architecture.h"

namespace tokencast {

/// Reads quantization_config (or MLX's quantization) into architecture.quantization. A form that is
/// not known is kept by name, with understood false and a note.
void read_quantization(ObjectReader& config, Architecture& architecture);

/// Returns the format in which dtype weights are stored when a user asks for them: fp8 and int8
/// with one scale per output channel (counted as nothing), int4 as AWQ and GPTQ store it, in groups
/// of 128.
WeightFormat weight_format(DType dtype);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_QUANTIZATION_H_
