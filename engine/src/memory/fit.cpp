#include "memory/fit.h"

#include "model/assign_formats.h"

namespace tokencast {

std::vector<FitChange> changes_to_fit(const Architecture& architecture, const Layout& layout,
                                      const Accelerator& accelerator, double memory_fraction,
                                      const Load& load) {
  std::vector<FitChange> changes;
  const auto plan_with = [&](const Layout& other) {
    return plan_memory(architecture, other, accelerator, memory_fraction, load);
  };
  const MemoryPlan present = plan_with(layout);
  if (present.fits) return changes;

  const std::int64_t most = accelerator.link ? accelerator.link->domain_size : 1;
  for (const std::int64_t tp : legal_tensor_parallel(architecture, layout.weights, most)) {
    Layout wider = layout;
    wider.tp = tp;
    if (tp > layout.tp && plan_with(wider).fits) {
      changes.push_back({"tp", tp});
      break;
    }
  }
  // 8 bit in the format that the accelerator has units for.
  const bool int8_units = accelerator.peak(DType::kFp8) == 0 && accelerator.peak(DType::kInt8) > 0;
  for (const char* format : {int8_units ? "int8" : "fp8", "int4"}) {
    Layout smaller = layout;
    smaller.weights = requested_formats(architecture, format);
    const bool saves = smaller.weights.linear.bits < layout.weights.linear.bits;
    if (saves && plan_with(smaller).fits) {
      changes.push_back({"weights", format});
      break;
    }
  }
  if (bits_of(layout.kv_dtype) > bits_of(DType::kFp8)) {
    Layout smaller = layout;
    smaller.kv_dtype = DType::kFp8;
    if (plan_with(smaller).fits) changes.push_back({"kv_cache", std::string(name_of(DType::kFp8))});
  }
  if (present.max_concurrency > 0) changes.push_back({"concurrency", present.max_concurrency});
  if (present.max_context_tokens > 1) {
    changes.push_back({"context_tokens", present.max_context_tokens});
  }
  return changes;
}

}  // namespace tokencast
