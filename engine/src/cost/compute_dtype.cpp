#include "cost/compute_dtype.h"

#include <string>

namespace tokencast {
namespace {

Note fallback_note(const Accelerator& accelerator, DType wanted, DType used) {
  const std::string from(name_of(wanted));
  const std::string to(name_of(used));
  return {"compute_dtype_fallback",
          accelerator.name + " has no " + from + " units: " + to + " is computed instead",
          {{"accelerator", accelerator.name}, {"from", from}, {"to", to}}};
}

/// Its default since June 2024 (pull request 8075 of llama.cpp); elsewhere it unpacks to 16 bit.
bool multiplies_int8(const Engine& engine, const Accelerator& accelerator) {
  return engine.family == EngineFamily::kLlamaCpp && engine.at_least(24, 7) &&
         accelerator.vendor == "NVIDIA" && accelerator.peak(DType::kInt8) > 0;
}

}  // namespace

ComputeDTypes choose_compute_dtypes(DType checkpoint, const WeightFormat& linear,
                                    const Accelerator& accelerator, const Engine& engine) {
  ComputeDTypes chosen;
  const DType other = checkpoint == DType::kFp16 ? DType::kBf16 : DType::kFp16;
  for (const DType dtype : {checkpoint, other, DType::kFp32}) {
    chosen.activations = dtype;
    if (accelerator.peak(dtype) > 0) break;
  }
  if (chosen.activations != checkpoint) {
    chosen.notes.push_back(fallback_note(accelerator, checkpoint, chosen.activations));
  }

  chosen.linear = chosen.activations;
  const bool sixteen_bit = linear.dtype == DType::kBf16 || linear.dtype == DType::kFp16;
  if (sixteen_bit) return chosen;
  if (multiplies_int8(engine, accelerator)) {
    chosen.linear = DType::kInt8;
    return chosen;
  }
  if (linear.weight_only) return chosen;
  if (accelerator.peak(linear.dtype) > 0) {
    chosen.linear = linear.dtype;
  } else {
    chosen.notes.push_back(fallback_note(accelerator, linear.dtype, chosen.linear));
  }
  return chosen;
}

}  // namespace tokencast
