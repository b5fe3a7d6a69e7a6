// In which number format an accelerator multiplies, given how the weights are stored.
#ifndef TOKENCAST_COST_COMPUTE_DTYPE_H_
#define TOKENCAST_COST_COMPUTE_DTYPE_H_

#include <vector>

#include "base/engine.h"
#include "base/result.h"
#include "hardware/accelerator.h"
#include "model/architecture.h"

namespace tokencast {

struct ComputeDTypes {
  DType activations = DType::kBf16;  ///< of attention, head, router and unquantized layers
  DType linear = DType::kBf16;       ///< of linear layers
  std::vector<Note> notes;           ///< where the accelerator lacks units, what runs instead
};

/// Returns the formats that run: the stored one where the accelerator has units for it and
/// activations can be quantized to it, else 16 bit with the weights unpacked first, else fp32.
/// llama.cpp quantizes activations to int8 beside weights of any quantized format where NVIDIA's
/// int8 units are.
ComputeDTypes choose_compute_dtypes(DType checkpoint, const WeightFormat& linear,
                                    const Accelerator& accelerator, const Engine& engine = {});

}  // namespace tokencast

#endif  // TOKENCAST_COST_COMPUTE_DTYPE_H_
