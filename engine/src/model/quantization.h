// Quantization of a checkpoint, and of one that is to be quantized.
//
// Ignores: lists of modules that stay 16 bit inside a quantized class (a note says so), activation
// scales.
#ifndef TOKENCAST_MODEL_QUANTIZATION_H_
#define TOKENCAST_MODEL_QUANTIZATION_H_

#include "base/json_reader.h"
#include "model/architecture.h"
#include "model/weights.h"

namespace tokencast {

/// Reads quantization_config (or MLX's quantization) into architecture.quantization. A form that is
/// not known is kept by name, with understood false and a note.
void read_quantization(ObjectReader& config, Architecture& architecture);

/// Returns the formats in which the weights are stored when a user asks for dtype: linear layers in
/// fp8 or int8 with one scale per output channel (counted as nothing), or in int4 as AWQ and GPTQ
/// store it, in groups of 128; the rest as the checkpoint has it.
WeightFormats requested_formats(const Architecture& architecture, DType dtype);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_QUANTIZATION_H_
