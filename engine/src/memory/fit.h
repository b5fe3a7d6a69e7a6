// What to change when a deployment does not fit.
#ifndef TOKENCAST_MEMORY_FIT_H_
#define TOKENCAST_MEMORY_FIT_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "memory/memory_plan.h"

namespace tokencast {

/// One setting and the value nearest to the present one at which everything fits.
struct FitChange {
  std::string change;  ///< "tp", "weights", "kv_cache", "concurrency", "context_tokens", "offload"
  std::variant<std::int64_t, std::string> value;
  double free_bytes = 0;  ///< what is then left on each accelerator
  double tpot_s = 0;      ///< of "offload", which costs time; 0: not known
};

/// Returns the single changes that would each make the load fit; empty when none does, or when it
/// fits already.
std::vector<FitChange> changes_to_fit(const Architecture& architecture, const Layout& layout,
                                      const Accelerator& accelerator, const Allocation& allocation,
                                      const Load& load);

}  // namespace tokencast

#endif  // TOKENCAST_MEMORY_FIT_H_
