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

}  // namespace

ComputeDTypes choose_compute_dtypes(DType checkpoint, const WeightFormat& linear,
                                    const Accelerator& accelerator) {
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
  if (linear.weight_only || sixteen_bit) return chosen;
  if (accelerator.peak(linear.dtype) > 0) {
    chosen.linear = linear.dtype;
  } else {
    chosen.notes.push_back(fallback_note(accelerator, linear.dtype, chosen.linear));
  }
  return chosen;
}

}  // namespace tokencast
