#include "profile_groups.h"

#include <tuple>
#include <utility>

namespace tokencast::calibrate {

const std::vector<ProfileGroup>& profile_groups() {
  // A version range with habits of its own, and accelerators that differ from the rest, where there
  // are results of either.
  static const std::vector<ProfileGroup> groups = {
      {"vllm", "0.12", "", "", "vllm"},
      {"vllm", "0.8", "", "", "vllm"},
      {"vllm", "0.6", "", "", "vllm"},
      {"vllm", "0.1", "", "", "vllm"},
      {"vllm", "0.6", "AMD", "", "vllm"},
      {"vllm", "0.1", "AMD", "", "vllm"},
      {"sglang", "0.5", "", "", "sglang"},
      {"sglang", "0.4", "", "", "sglang"},
      {"trtllm", "1.1", "", "", "tensorrt-llm"},
      {"trtllm", "1.0", "", "", "tensorrt-llm"},
      {"trtllm", "0.10", "", "", "tensorrt-llm"},
      {"trtllm", "0.1", "", "", "tensorrt-llm"},
      {"llama.cpp", "", "", "", "vllm", true},
      {"llama.cpp", "24.0", "NVIDIA", "datacentre", "vllm", true},
      {"llama.cpp", "24.0", "NVIDIA", "workstation", "vllm", true},
      {"llama.cpp", "24.0", "NVIDIA", "consumer", "vllm", true},
      {"llama.cpp", "24.0", "Apple", "", "vllm", true},
      {"llama.cpp", "25.0", "NVIDIA", "datacentre", "vllm", true},
      {"llama.cpp", "25.0", "NVIDIA", "workstation", "vllm", true},
      {"llama.cpp", "25.0", "NVIDIA", "consumer", "vllm", true},
      {"llama.cpp", "", "NVIDIA", "soc", "vllm", true},
      {"llama.cpp", "25.0", "Apple", "", "vllm", true},
      {"llama.cpp", "", "AMD", "", "vllm", true},
      {"transformers", "4.50", "", "", "vllm"},
      {"transformers", "4.38", "", "", "vllm"},
      {"transformers", "4.0", "", "", "vllm"},
      {"lmdeploy", "", "", "", "vllm"},
      {"mindie", "", "", "", "vllm"},
      {"tgi", "", "", "", "vllm"},
      {"mlc", "", "", "", "vllm", true},
      {"exllama", "", "", "", "vllm", true},
      {"deepspeed", "", "", "", "vllm"},
  };
  return groups;
}

bool holds(const ProfileGroup& group, const accuracy::ServingCase& serving) {
  const Accelerator& accelerator = *serving.accelerator;
  if (name_of(serving.engine.family) != group.engine) return false;
  if (!group.vendor.empty() && group.vendor != accelerator.vendor) return false;
  return group.accelerator_class.empty() ||
         (accelerator.accelerator_class &&
          group.accelerator_class == name_of(*accelerator.accelerator_class));
}

std::optional<std::size_t> profile_group_of(const accuracy::ServingCase& serving) {
  std::optional<std::size_t> best;
  std::tuple<int, bool, std::pair<int, int>> best_rank;
  for (std::size_t i = 0; i < profile_groups().size(); ++i) {
    const ProfileGroup& group = profile_groups()[i];
    if (!holds(group, serving)) continue;
    const Engine from = engine_of(serving.engine.family, group.from);
    const int fitting = (group.vendor.empty() ? 0 : 1) + (group.accelerator_class.empty() ? 0 : 1);
    const bool reached = serving.engine.at_least(from.major, from.minor);
    const int sign = reached ? 1 : -1;
    const auto rank = std::tuple(fitting, reached, std::pair(sign * from.major, sign * from.minor));
    if (!best || rank > best_rank) {
      best = i;
      best_rank = rank;
    }
  }
  return best;
}

}  // namespace tokencast::calibrate
