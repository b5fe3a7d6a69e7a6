// Seconds in which the KV of a prompt crosses from one instance of a model to another that is laid
// out alike: each rank sends its part to the rank in its place.
//
// Ignores: layers that are sent while later ones are computed, and cards that several
// accelerators share beyond their share of the bandwidth.
#ifndef TOKENCAST_SERVING_KV_TRANSFER_H_
#define TOKENCAST_SERVING_KV_TRANSFER_H_

#include <cstdint>

#include "cost/kernel_time.h"
#include "graph/layout.h"

namespace tokencast {

enum class KvRoute {
  kLink,     ///< one link joins all instances
  kNetwork,  ///< through the card of each accelerator
  kNone      ///< neither is known
};

/// Returns how instances reach each other that have this many accelerators together.
KvRoute kv_route(const Layout& layout, const Accelerator& accelerator, std::int64_t gpus);

class KvTransfer {
 public:
  /// The route must not be kNone; the model's accelerator must outlive it.
  KvTransfer(const CostModel& cost, KvRoute route) : cost_(cost), route_(route) {}

  double time_s(double bytes_on_rank) const;
  KvRoute route() const { return route_; }
  Source source() const;

 private:
  CostModel cost_;
  KvRoute route_;
};

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_KV_TRANSFER_H_
