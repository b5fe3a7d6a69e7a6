#include "kernels.h"

#include <functional>
#include <stdexcept>

#include "base/overloaded.h"
#include "cost/kernel_time.h"

namespace tokencast::calibrate {
namespace {

/// What stays the same when only sequences and tokens change.
std::size_t geometry_of(const Kernel& kernel) {
  const auto mix = [](std::initializer_list<double> sizes) {
    std::size_t hash = 0;
    for (const double size : sizes) hash = hash * 1000003 + std::hash<double>()(size);
    return hash;
  };
  return std::visit(
      Overloaded{
          [&](const GemmCall& c) { return mix({c.n, c.k}); },
          [&](const AttentionCall& c) { return mix({c.heads, c.kv_heads, c.head_dim}); },
          [&](const LatentAttentionCall& c) { return mix({c.heads}); },
          [&](const ExpertsCall& c) { return mix({c.hidden, c.intermediate, c.top_k, c.experts}); },
          [&](const CollectiveCall& c) { return mix({c.payload_bytes}); },
          [&](const LinearMixerCall& c) { return mix({c.channels, c.key_heads, c.heads}); },
      },
      kernel);
}

/// Decode attention of this table runs at up to 1.6 times the bandwidth of the memory: the rest of
/// its rows cannot be told from those (measured/notes.md, section 3).
bool is_unusable(const accuracy::KernelFile& file) {
  return file.accelerator == "a100-80-sxm" && file.op == "generation_attention" &&
         file.engine == "trtllm" && file.version == "1.0.0";
}

double ranks_of(const Kernel& kernel) {
  const auto* collective = std::get_if<CollectiveCall>(&kernel);
  return collective != nullptr ? collective->ranks : 1;
}

}  // namespace

MeasuredKernels read_kernels(const accuracy::KernelFile& file, const Accelerator& accelerator) {
  MeasuredKernels measured;
  if (is_unusable(file)) return measured;
  Result<std::vector<accuracy::KernelRow>> rows = accuracy::read_kernel_rows(file, false);
  if (!rows.ok()) throw std::runtime_error(rows.error().message);
  for (const accuracy::KernelRow& row : rows.value()) {
    ++measured.rows;
    if (!row.kernel) {
      ++measured.unreadable;
      continue;
    }
    Sample sample;
    sample.peak = peak_times(work_of(*row.kernel), accelerator,
                             group_bandwidth(accelerator, ranks_of(*row.kernel)));
    sample.coordinates = coordinates_of(*row.kernel);
    sample.measured_s = row.measured_s;
    sample.geometry = geometry_of(*row.kernel);
    if (sample.measured_s < sample.peak.limit_s) {
      ++measured.beyond_physics;
      continue;
    }
    measured.by_kernel[{class_of(*row.kernel), row.source}].push_back(sample);
  }
  return measured;
}

}  // namespace tokencast::calibrate
