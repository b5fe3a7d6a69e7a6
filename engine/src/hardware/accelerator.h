// An accelerator as its data sheet has it. Dense peaks only; link bandwidth in one direction.
#ifndef TOKENCAST_HARDWARE_ACCELERATOR_H_
#define TOKENCAST_HARDWARE_ACCELERATOR_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/dtype.h"
#include "base/result.h"

namespace tokencast {

enum class Topology {
  kSwitch,  ///< any pair at the full rate
  kMesh,    ///< a fixed part of the rate to each peer
  kPcie,    ///< peer to peer over the host's PCIe
  kHost     ///< no peer to peer: staged through host memory
};

struct Link {
  std::string type;
  Topology topology = Topology::kSwitch;
  double bandwidth_bytes_per_s = 0;  ///< one direction, summed over peers
  std::int64_t domain_size = 1;      ///< accelerators it joins
};

struct Accelerator {
  std::string id;  ///< empty for a custom one
  std::string vendor;
  std::string name;
  double memory_bytes = 0;         ///< as marketed
  double usable_memory_bytes = 0;  ///< what the driver gives
  double memory_bandwidth_bytes_per_s = 0;
  std::array<double, 8> peak_flops_per_s{};  ///< by DType; 0: no such units
  std::optional<Link> link;
  std::vector<std::string> unconfirmed;  ///< figures that no good source confirms
  std::vector<Note> notes;

  double peak(DType dtype) const { return peak_flops_per_s[static_cast<std::size_t>(dtype)]; }
};

}  // namespace tokencast

#endif  // TOKENCAST_HARDWARE_ACCELERATOR_H_
