// Quantization of a checkpoint, as its config states it.
//
// Ignores: activation scales, and how activations are quantized beyond their format.
#ifndef TOKENCAST_MODEL_QUANTIZATION_H_
#define TOKENCAST_MODEL_QUANTIZATION_H_

#include "model/architecture.h"
#include "model/config_reader.h"

namespace tokencast {

/// Reads quantization_config (or MLX's quantization) into architecture.quantization. A form that is
/// not known is kept by name, with understood false and a note.
void read_quantization(ConfigReader& config, Architecture& architecture);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_QUANTIZATION_H_
