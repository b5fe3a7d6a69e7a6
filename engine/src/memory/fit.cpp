#include "memory/fit.h"

#include <algorithm>
#include <cmath>

#include "model/assign_formats.h"

namespace tokencast {
namespace {

/// Whether a layout whose tp is legal spreads experts evenly, and its ranks reach each other.
bool is_legal(const Layout& layout, const Architecture& architecture,
              const Accelerator& accelerator) {
  const std::vector<std::int64_t> ep = legal_expert_parallel(architecture, layout);
  if (std::find(ep.begin(), ep.end(), layout.ep) == ep.end()) return false;
  const std::int64_t joined = accelerator.link ? accelerator.link->domain_size : 1;
  return accelerator.nic_bandwidth_bytes_per_s || layout.ranks_together() <= joined;
}

}  // namespace

std::vector<FitChange> changes_to_fit(const Architecture& architecture, const Layout& layout,
                                      const Accelerator& accelerator, const Allocation& allocation,
                                      const Load& load) {
  std::vector<FitChange> changes;
  const auto plan_with = [&](const Layout& other) {
    MemoryPlan plan = plan_memory(architecture, other, accelerator, allocation, load);
    // Smaller layers cannot have as much in the host's memory.
    plan.fits = plan.fits && plan.host_weight_bytes >= other.offload.weight_bytes;
    return plan;
  };
  const MemoryPlan present = plan_with(layout);
  if (present.fits) return changes;

  const std::int64_t joined = accelerator.link ? accelerator.link->domain_size : 1;
  // With a network, over as many nodes as anybody spreads a layer's ranks over.
  constexpr std::int64_t kMostNodes = 4;
  const std::int64_t most = accelerator.nic_bandwidth_bytes_per_s ? kMostNodes * joined : joined;
  for (const std::int64_t tp :
       legal_tensor_parallel(architecture, layout.weights, most, layout.ep)) {
    Layout wider = layout;
    wider.tp = tp;
    if (tp <= layout.tp || !is_legal(wider, architecture, accelerator)) continue;
    const MemoryPlan plan = plan_with(wider);
    if (plan.fits) {
      changes.push_back({"tp", tp, plan.free_bytes()});
      break;
    }
  }
  // 8 bit in the format that the accelerator has units for.
  const bool int8_units = accelerator.peak(DType::kFp8) == 0 && accelerator.peak(DType::kInt8) > 0;
  for (const char* format : {int8_units ? "int8" : "fp8", "int4"}) {
    Layout smaller = layout;
    smaller.weights = requested_formats(architecture, format);
    const bool saves = smaller.weights.linear.bits < layout.weights.linear.bits;
    if (!saves) continue;
    const MemoryPlan plan = plan_with(smaller);
    if (plan.fits) {
      changes.push_back({"weights", format, plan.free_bytes()});
      break;
    }
  }
  if (bits_of(layout.kv_dtype) > bits_of(DType::kFp8)) {
    Layout smaller = layout;
    smaller.kv_dtype = DType::kFp8;
    const MemoryPlan plan = plan_with(smaller);
    if (plan.fits) {
      changes.push_back({"kv_cache", std::string(name_of(DType::kFp8)), plan.free_bytes()});
    }
  }
  const auto free_with = [&](const Load& other) {
    return plan_memory(architecture, layout, accelerator, allocation, other).free_bytes();
  };
  if (present.max_concurrency > 0) {
    changes.push_back({"concurrency", present.max_concurrency,
                       free_with({present.max_concurrency, load.context_tokens})});
  }
  if (present.max_context_tokens > 1) {
    changes.push_back({"context_tokens", present.max_context_tokens,
                       free_with({load.sequences, present.max_context_tokens})});
  }
  if (allocation.offloads && accelerator.host_bytes_per_s() > 0) {
    Layout other = layout;
    double& bytes = other.offload.weight_bytes;
    const double all = std::floor(layer_bytes_per_rank(architecture, layout));
    MemoryPlan plan = present;
    // More than once where the pool is a share of what is free; what is missing may round to
    // nothing.
    while (!plan.fits && bytes < all) {
      bytes = std::min(bytes + std::max(std::ceil(plan.missing_bytes()), 1.0), all);
      plan = plan_with(other);
    }
    if (plan.fits) {
      changes.push_back({"offload", static_cast<std::int64_t>(bytes), plan.free_bytes()});
    }
  }
  return changes;
}

}  // namespace tokencast
