#include "memory/memory_plan.h"

#include <algorithm>
#include <cmath>

#include "graph/speculation.h"
#include "memory/activations.h"

namespace tokencast {
namespace {

constexpr double kTowerBytesPerParameter = 2;  // engines keep encoders in 16 bit
constexpr std::int64_t kMostSequences = std::int64_t{1} << 24;
constexpr std::int64_t kMostTokens = std::int64_t{1} << 32;

double as_double(std::int64_t value) { return static_cast<double>(value); }

/// Returns the largest value in 1 to most for which fits holds, 0 when none; fits must not come
/// back once lost.
template <class Fits>
std::int64_t largest(std::int64_t most, const Fits& fits) {
  std::int64_t good = 0;
  std::int64_t bad = most + 1;
  while (bad - good > 1) {
    const std::int64_t middle = good + (bad - good) / 2;
    (fits(middle) ? good : bad) = middle;
  }
  return good;
}

/// What does not depend on the load, and what loads come to with it.
class Planner {
 public:
  Planner(const Architecture& architecture, const Layout& layout, const Accelerator& accelerator,
          const Allocation& allocation)
      : allocation_(allocation),
        host_kv_bytes_(layout.offload.kv_bytes),
        activations_(architecture, layout, allocation),
        cache_(architecture, layout, allocation) {
    fixed_.usable_bytes = accelerator.usable_memory_bytes;
    fixed_.weight_bytes = weight_bytes_per_rank(architecture, layout);
    if (layout.offload.weight_bytes > 0) {
      fixed_.host_weight_bytes =
          std::min(layout.offload.weight_bytes, layer_bytes_per_rank(architecture, layout));
      fixed_.weight_bytes -= fixed_.host_weight_bytes;
    }
    if (allocation.towers) {
      fixed_.tower_bytes =
          count_tower_parameters(architecture) * kTowerBytesPerParameter / as_double(layout.tp);
    }
    fixed_.draft_bytes = draft_bytes_per_rank(layout);
    fixed_.runtime_bytes = allocation.runtime_bytes;
    fixed_.communication_bytes =
        layout.gpus() > layout.dp || layout.ep > 1 ? allocation.communication_bytes : 0;
    fixed_.graph_bytes = allocation.graph_bytes;
  }

  const KvCache& cache() const { return cache_; }

  MemoryPlan plan(const Load& load) const {
    MemoryPlan plan = fixed_;
    plan.activation_bytes = step_bytes(load);
    plan.kv_bytes = as_double(load.sequences) * cache_.bytes_of(load.context_tokens);
    const double steps = plan.activation_bytes + plan.other_bytes();
    const double loaded = plan.weight_bytes + plan.tower_bytes + plan.draft_bytes;
    const double pool = pool_bytes(loaded, steps);
    plan.capacity_bytes = loaded + steps + pool;
    plan.kv_pool_bytes = pool < 0 ? 0 : pool + host_kv_bytes_;
    plan.fits = pool >= 0 && plan.kv_bytes <= plan.kv_pool_bytes;
    plan.host_kv_bytes =
        std::min(std::max(plan.kv_bytes - std::max(pool, 0.0), 0.0), host_kv_bytes_);
    plan.kv_bytes -= plan.host_kv_bytes;
    return plan;
  }

 private:
  double step_bytes(const Load& load) const {
    const std::int64_t limit = allocation_.max_batched_tokens;
    if (allocation_.policy == PoolPolicy::kOnDemand) {
      // Without overflow: loads are up to 2^24 sequences of 2^32 tokens.
      const bool filled = load.context_tokens > limit / load.sequences;
      return activations_.bytes(filled ? limit : load.sequences * load.context_tokens,
                                load.sequences);
    }
    // What the engine tries out before it serves; more sequences at once are its limit raised.
    const std::int64_t sequences = std::max(allocation_.max_sequences, load.sequences);
    return activations_.bytes(std::max(limit, load.sequences), sequences);
  }

  /// Negative where weights and steps are too much already.
  double pool_bytes(double loaded, double steps) const {
    const double usable = fixed_.usable_bytes;
    const double share = allocation_.memory_fraction;
    switch (allocation_.policy) {
      case PoolPolicy::kShareStatic:
        return std::min(share * usable, usable - steps) - loaded;
      case PoolPolicy::kShareOfFree: {
        const double left = usable - loaded - steps;
        return left > 0 ? share * left : left;
      }
      case PoolPolicy::kOnDemand:
      case PoolPolicy::kShareOfAll:
        break;
    }
    return share * usable - loaded - steps;
  }

  const Allocation& allocation_;
  double host_kv_bytes_;
  Activations activations_;
  KvCache cache_;
  MemoryPlan fixed_;
};

}  // namespace

MemoryPlan plan_memory(const Architecture& architecture, const Layout& layout,
                       const Accelerator& accelerator, const Allocation& allocation,
                       const Load& load) {
  const Planner planner(architecture, layout, accelerator, allocation);
  const KvCache& cache = planner.cache();
  MemoryPlan plan = planner.plan(load);
  plan.state_bytes = as_double(load.sequences) * cache.state_bytes_held();
  plan.max_concurrency = largest(kMostSequences, [&](std::int64_t sequences) {
    return planner.plan({sequences, load.context_tokens}).fits;
  });
  const std::int64_t longest =
      architecture.max_context > 0 ? architecture.max_context : kMostTokens;
  plan.max_context_tokens = largest(
      longest, [&](std::int64_t tokens) { return planner.plan({load.sequences, tokens}).fits; });

  plan.kv_block_tokens = cache.block_tokens();
  if (cache.block_bytes() > 0) {
    const double pool = plan.kv_pool_bytes - as_double(load.sequences) * cache.state_bytes();
    plan.kv_blocks =
        static_cast<std::int64_t>(std::max(0.0, std::floor(pool / cache.block_bytes())));
    plan.kv_capacity_tokens = plan.kv_blocks * plan.kv_block_tokens;
  }
  return plan;
}

Layout offloaded(const Architecture& architecture, const Layout& layout,
                 const Accelerator& accelerator, const Allocation& allocation, const Load& load,
                 const Offload& offload) {
  Layout changed = layout;
  changed.offload = {offload.weight_bytes, 0, 0};
  if (offload.kv_bytes == 0) return changed;
  changed.offload.kv_pool_bytes =
      plan_memory(architecture, changed, accelerator, allocation, load).kv_pool_bytes;
  changed.offload.kv_bytes = offload.kv_bytes;
  return changed;
}

}  // namespace tokencast
