#include "serving/kv_transfer.h"

#include <optional>

#include "cost/kernel_of.h"
#include "cost/network.h"

namespace tokencast {
namespace {

/// A send between two ranks of one link domain.
std::optional<Kernel> link_send(double bytes) {
  Operator send;
  send.shape = Communication{Exchange::kSend, bytes, 2, 1};
  return kernel_of(send);
}

}  // namespace

KvRoute kv_route(const Layout& layout, const Accelerator& accelerator, std::int64_t gpus) {
  const bool spread = layout.domain > 0 && layout.gpus() > layout.domain;
  if (accelerator.link && !spread && gpus <= accelerator.link->domain_size) return KvRoute::kLink;
  return accelerator.nic_bandwidth_bytes_per_s ? KvRoute::kNetwork : KvRoute::kNone;
}

double KvTransfer::time_s(double bytes_on_rank) const {
  if (route_ == KvRoute::kLink) {
    const std::optional<Kernel> send = link_send(bytes_on_rank);
    return send ? time_of(*send, cost_).time_s : 0;
  }
  const NetworkTime network =
      network_time({Exchange::kSend, bytes_on_rank, 2, 2}, *cost_.accelerator);
  return network.link_s + network.latency_s;
}

Source KvTransfer::source() const {
  if (route_ != KvRoute::kLink) return Source::kGeneric;
  const std::optional<Kernel> send = link_send(1);
  return send ? time_of(*send, cost_).source : Source::kGeneric;
}

}  // namespace tokencast
