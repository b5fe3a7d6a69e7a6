#include "cost/curve.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/math.h"

namespace tokencast {
namespace {

// Knots are powers of two, closer where kernels change: tiles, waves, split-K.
constexpr Axes kGemm[] = {
    {{0, {0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15}},
     {1, {5, 7, 9, 10, 11, 12, 13, 16}},
     {2, {5, 8, 10, 11, 12, 13, 16}}},
};
constexpr Axes kPrefillAttention[] = {
    {{0, {0, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14}}, {1, {0, 3, 5, 7, 9, 11, 14}}},
    {{2, {0, 1, 2, 3, 4, 6}}, {0, {6, 9, 11, 14}}},
};
constexpr Axes kDecodeAttention[] = {
    {{0, {0, 3, 5, 7, 9, 11, 13, 15, 17}}, {1, {0, 2, 4, 6, 8, 10, 13}}},
    {{2, {0, 1, 2, 3, 4, 5, 6.6}}, {5, {4, 9, 13, 17, 21}}},
    {{4, {0, 3, 6, 9, 11}}, {0, {0, 6, 10, 13, 17}}},
    {{3, {0, 2, 5, 10}}, {1, {0, 4, 8, 13}}},
};
constexpr Axes kMla[] = {
    {{0, {0, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 17}}, {1, {0, 2, 4, 6, 8, 10}}},
    {{2, {0, 1, 2, 3, 4, 5, 6, 7}}, {3, {0, 5, 9, 12, 15, 18}}},
};
constexpr Axes kExperts[] = {
    {{2, {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14}}, {1, {0, 2, 3, 4, 5, 6, 7, 8}}},
    {{2, {0, 2, 4, 6, 8, 11, 14}}, {3, {3, 5, 6, 7, 8, 9, 10, 11, 12, 14}}},
    {{2, {0, 2, 4, 6, 8, 11, 14}}, {4, {10, 11, 12, 13}}},
    {{6, {0, 1, 2, 3, 5}}, {2, {0, 2, 4, 6, 8, 11, 14}}},
    {{5, {0, 1, 2, 3, 4.5}}, {0, {0, 4, 8, 12, 16}}},
    {{7, {0, 1, 2, 3, 5, 7}}, {0, {0, 4, 7, 9, 11, 14}}},
};
constexpr Axes kCollective[] = {
    {{0, {7, 9, 11, 13, 15, 17, 18, 19, 20, 21, 22, 23, 24, 26, 28, 30}}, {1, {1, 2, 3}}},
};
constexpr Axes kLinearMixer[] = {
    {{0, {0, 2, 4, 6, 8, 10, 12, 15}}, {1, {0, 2, 4, 6, 8, 10}}},
    {{2, {0, 2, 4, 5, 6, 9, 11, 13, 15}}, {3, {0, 4, 8, 12, 16, 20}}},
};

double peak_of(const Accelerator& accelerator, DType dtype) {
  // What runs where a format has no units: the next wider one.
  for (const DType other : {dtype, DType::kFp8, DType::kBf16, DType::kFp16, DType::kFp32}) {
    if (other == DType::kFp8 && dtype != DType::kFp4) continue;
    if (accelerator.peak(other) > 0) return accelerator.peak(other);
  }
  return accelerator.peak(DType::kFp32);
}

/// Of vector units; where a user's accelerator does not state fp32, between the half of its 16 bit
/// peak that GeForce cards have and the sixteenth of A100 and H100.
double vector_peak_of(const Accelerator& accelerator) {
  constexpr double kShare = 1.0 / 6;
  const double fp32 = accelerator.peak(DType::kFp32);
  return fp32 > 0 ? fp32 : peak_of(accelerator, DType::kBf16) * kShare;
}

}  // namespace

PeakTimes peak_times(const KernelWork& work, const Accelerator& accelerator,
                     double link_bytes_per_s) {
  PeakTimes peak;
  if (work.flops > 0) peak.compute_s = work.flops / peak_of(accelerator, work.compute);
  const double floor_compute_s =
      work.floor_flops > 0 ? peak.compute_s * work.floor_flops / work.flops : peak.compute_s;
  if (work.vector_flops > 0) peak.compute_s += work.vector_flops / vector_peak_of(accelerator);
  peak.memory_s = work.bytes / accelerator.memory_bandwidth_bytes_per_s;
  if (work.link_bytes > 0 && link_bytes_per_s > 0) {
    peak.link_s = work.link_bytes / link_bytes_per_s;
  }
  peak.serial = work.serial;
  peak.limit_s = std::max(
      {floor_compute_s, work.floor_bytes / accelerator.memory_bandwidth_bytes_per_s, peak.link_s});
  return peak;
}

std::span<const Axes> grids_of(std::string_view kernel_class) {
  static constexpr std::pair<std::string_view, std::span<const Axes>> kGrids[] = {
      {"gemm/", kGemm},
      {"prefill_attention/", kPrefillAttention},
      {"decode_attention/", kDecodeAttention},
      {"prefill_mla", kMla},
      {"decode_mla", kMla},
      {"experts/", kExperts},
      {"plain_experts/", kExperts},
      {"all_", kCollective},
      {"reduce_scatter/", kCollective},
      {"delta_", kLinearMixer},
      {"state_", kLinearMixer},
  };
  for (const auto& [prefix, axes] : kGrids) {
    if (kernel_class.starts_with(prefix)) return axes;
  }
  return {};
}

double base_time(const CurveParameters& parameters, const PeakTimes& peak) {
  const double compute = peak.compute_s / parameters.compute;
  const double memory = peak.memory_s / parameters.memory;
  const double larger = std::max(compute, memory);
  double busy = larger;
  if (larger > 0) {
    const double ratio = std::min(compute, memory) / larger;
    if (ratio > 0) {
      busy *= power(1 + power(ratio, parameters.overlap), 1 / parameters.overlap);
    }
  }
  return parameters.overhead_s + peak.serial * parameters.latency_s + busy +
         peak.link_s / parameters.link;
}

double factor_of(const Curve& curve, std::string_view kernel_class,
                 const Coordinates& coordinates) {
  double log_factor = 0;
  const std::span<const Axes> grids = grids_of(kernel_class);
  for (std::size_t i = 0; i < curve.surfaces.size(); ++i) {
    if (!curve.surfaces[i].empty()) {
      log_factor += interpolate(grids[i], curve.surfaces[i], coordinates.data());
    }
  }
  return exponential(log_factor);
}

double time_of(const Curve& curve, std::string_view kernel_class, const PeakTimes& peak,
               const Coordinates& coordinates) {
  const double factor = factor_of(curve, kernel_class, coordinates);
  return std::max(base_time(curve.parameters, peak) * factor, peak.limit_s);
}

}  // namespace tokencast
