#include "cost/network.h"

namespace tokencast {
namespace {

// DeepEP's low-latency kernels on H800 with 400 Gb/s cards (its README): 128 tokens of 7168 fp8
// values to 8 experts each are 7.34 MB in 163 µs, 45 of 50 GB/s; 8, 16, 32, … 256 ranks take 163,
// 173, 182, 186, 192, 194 µs, about 6 µs for each doubling.
constexpr double kNetworkShare = 0.9;
constexpr double kDoublingLatency = 6e-6;

/// Bytes that each card sends.
double bytes_sent(const Communication& c) {
  const auto domains = static_cast<double>(c.domains);
  const double others = (domains - 1) / domains;
  const double place = c.payload_bytes * domains / static_cast<double>(c.ranks);
  switch (c.kind) {
    case Exchange::kAllReduce:
      return 2 * others * place;
    case Exchange::kAllGather:
      return others * place;
    case Exchange::kAllToAll:
      return c.network_bytes;
    case Exchange::kSend:
      break;
  }
  return c.payload_bytes;
}

}  // namespace

NetworkTime network_time(const Communication& communication, const Accelerator& accelerator) {
  const double bandwidth = accelerator.nic_bandwidth_bytes_per_s.value_or(0);
  NetworkTime time;
  time.limit_s = bytes_sent(communication) / bandwidth;
  time.link_s = time.limit_s / kNetworkShare;
  for (std::int64_t reached = 1; reached < communication.domains; reached *= 2) {
    time.latency_s += kDoublingLatency;
  }
  return time;
}

}  // namespace tokencast
