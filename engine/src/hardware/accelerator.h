// An accelerator as its data sheet has it. Dense peaks only; link bandwidth in one direction.
#ifndef TOKENCAST_HARDWARE_ACCELERATOR_H_
#define TOKENCAST_HARDWARE_ACCELERATOR_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"
#include "base/result.h"
#include "hardware/price.h"

namespace tokencast {

/// What a part is sold as. Members in the order of their names in read_accelerator.cpp.
enum class AcceleratorClass {
  kDatacentre,
  kWorkstation,
  kConsumer,
  kSoc,   ///< a desktop or laptop chip whose GPU shares the processor's memory
  kEdge,  ///< the same, in an embedded module
  kCpu
};

/// Returns the name in presets: "datacentre".
std::string_view name_of(AcceleratorClass accelerator_class);

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

/// The slot or on-board connection to the host.
struct Pcie {
  std::int64_t generation = 0;
  double bandwidth_bytes_per_s = 0;  ///< one direction
};

struct Accelerator {
  std::string id;  ///< empty for a custom one
  std::string vendor;
  std::string name;
  std::string architecture;  ///< of the chip: "Hopper"; empty: not known
  std::optional<AcceleratorClass> accelerator_class;
  std::optional<std::int64_t> year;  ///< of its release
  std::string part_of;               ///< id of the package, of which this is a die
  std::int64_t dies = 1;             ///< devices that software sees in this package
  std::string memory_type;           ///< as marketed: "HBM3e"
  double memory_bytes = 0;           ///< as marketed
  double usable_memory_bytes = 0;    ///< what the driver gives
  double memory_bandwidth_bytes_per_s = 0;
  std::array<double, 8> peak_flops_per_s{};  ///< by DType; 0: no such units
  std::optional<Link> link;
  std::optional<double> nic_bandwidth_bytes_per_s;  ///< its share of the node's network
  std::optional<Pcie> pcie;
  std::optional<double> host_link_bytes_per_s;  ///< one direction, where it is faster than PCIe
  std::optional<double> cache_bytes;            ///< last level on the chip
  std::optional<std::int64_t> compute_units;    ///< SMs, CUs, cores
  std::optional<double> tdp_w;
  std::vector<Price> prices;
  std::vector<std::string> unconfirmed;  ///< figures used that no good source confirms
  std::vector<Note> notes;

  double peak(DType dtype) const { return peak_flops_per_s[static_cast<std::size_t>(dtype)]; }
  /// Whether its memory is the host's, too.
  bool shares_host_memory() const { return accelerator_class >= AcceleratorClass::kSoc; }
  /// Bytes/s from the host's memory; 0: not known, or it has no other than the host's.
  double host_bytes_per_s() const {
    if (shares_host_memory()) return 0;
    return host_link_bytes_per_s.value_or(pcie ? pcie->bandwidth_bytes_per_s : 0);
  }
};

}  // namespace tokencast

#endif  // TOKENCAST_HARDWARE_ACCELERATOR_H_
