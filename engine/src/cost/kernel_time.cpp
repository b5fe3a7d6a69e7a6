#include "cost/kernel_time.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <initializer_list>

#include "base/math.h"
#include "base/overloaded.h"

namespace tokencast {
namespace {

/// Formats whose kernels are most alike, the own one first.
std::vector<KernelFormat> formats_like(KernelFormat format) {
  using F = KernelFormat;
  switch (format) {
    case F::kBf16:
      break;
    case F::kFp8:
      return {F::kFp8, F::kFp8Block, F::kInt8, F::kBf16};
    case F::kFp8Block:
      return {F::kFp8Block, F::kFp8, F::kBf16};
    case F::kNvfp4:
      return {F::kNvfp4, F::kMxfp4Mxfp8, F::kFp8, F::kFp8Block, F::kBf16};
    case F::kMxfp4Mxfp8:
      return {F::kMxfp4Mxfp8, F::kNvfp4, F::kFp8, F::kFp8Block, F::kBf16};
    case F::kMxfp4WeightOnly:
      return {F::kMxfp4WeightOnly, F::kInt4WeightOnly, F::kInt8WeightOnly, F::kBf16};
    case F::kInt8:
      return {F::kInt8, F::kFp8, F::kBf16};
    case F::kInt8Block:
      return {F::kInt8Block, F::kInt8, F::kFp8, F::kBf16};
    case F::kInt8WeightOnly:
      return {F::kInt8WeightOnly, F::kInt4WeightOnly, F::kBf16};
    case F::kInt4WeightOnly:
      return {F::kInt4WeightOnly, F::kMxfp4WeightOnly, F::kInt8WeightOnly, F::kBf16};
  }
  return {F::kBf16};
}

// Head dimensions that were measured; others run in the kernel of the nearest.
std::vector<double> head_dims_like(double head_dim) {
  std::vector<double> dims = {head_dim, 128, 64, 256, 192};
  std::stable_sort(dims.begin(), dims.end(), [head_dim](double a, double b) {
    return std::abs(logarithm2(a / head_dim)) < std::abs(logarithm2(b / head_dim));
  });
  return dims;
}

std::vector<std::string> like(const GemmCall& call) {
  std::vector<std::string> classes;
  GemmCall other = call;
  for (const KernelFormat format : formats_like(call.format)) {
    other.format = format;
    classes.push_back(class_of(other));
  }
  return classes;
}

std::vector<std::string> like(const AttentionCall& call) {
  std::vector<std::string> classes;
  AttentionCall other = call;
  for (const double head_dim : head_dims_like(call.head_dim)) {
    other.head_dim = head_dim;
    for (const bool fp8_kv : {call.fp8_kv, !call.fp8_kv}) {
      other.fp8_kv = fp8_kv;
      for (const bool fp8_math : {call.fp8_math, !call.fp8_math}) {
        other.fp8_math = fp8_math;
        for (const double window : {call.window, 0.0}) {
          other.window = window;
          classes.push_back(class_of(other));
        }
      }
    }
  }
  return classes;
}

std::vector<std::string> like(const LatentAttentionCall& call) {
  std::vector<std::string> classes;
  LatentAttentionCall other = call;
  for (const KernelFormat format : formats_like(call.projections)) {
    other.projections = format;
    for (const bool fp8_kv : {call.fp8_kv, !call.fp8_kv}) {
      other.fp8_kv = fp8_kv;
      for (const bool fp8_math : {call.fp8_math, !call.fp8_math}) {
        other.fp8_math = fp8_math;
        classes.push_back(class_of(other));
      }
    }
  }
  return classes;
}

std::vector<std::string> like(const ExpertsCall& call) {
  std::vector<std::string> classes;
  ExpertsCall other = call;
  for (const KernelFormat format : formats_like(call.format)) {
    other.format = format;
    for (const bool gated : {call.gated, !call.gated}) {
      other.gated = gated;
      classes.push_back(class_of(other));
    }
  }
  return classes;
}

std::vector<std::string> like(const CollectiveCall& call) {
  std::vector<std::string> classes;
  CollectiveCall other = call;
  for (const CollectiveLibrary library :
       {call.library, CollectiveLibrary::kNccl, CollectiveLibrary::kOneCcl}) {
    other.library = library;
    classes.push_back(class_of(other));
  }
  return classes;
}

std::vector<std::string> like(const LinearMixerCall& call) { return {class_of(call)}; }

// ---- What most kernels reach: medians, over the eight measured accelerators and their engines, of
// parameters fitted alone (`calibrate` prints them).

CurveParameters generic(const GemmCall& call) {
  switch (call.format) {
    case KernelFormat::kBf16:
      break;
    case KernelFormat::kFp8:
    case KernelFormat::kMxfp4Mxfp8:
      return {6.5e-6, 0.6e-6, 0.97, 0.97, 1, 1.2};
    case KernelFormat::kFp8Block:
      return {10e-6, 0.6e-6, 0.85, 0.95, 1, 1.5};
    case KernelFormat::kNvfp4:
      return {6.3e-6, 1.5e-6, 0.5, 0.96, 1, 1.1};
    case KernelFormat::kInt8:
    case KernelFormat::kInt8Block:
      return {10e-6, 1e-6, 0.85, 1, 1, 1.1};
    case KernelFormat::kInt8WeightOnly:
    case KernelFormat::kInt4WeightOnly:
    case KernelFormat::kMxfp4WeightOnly:
      return {10e-6, 1.6e-6, 0.82, 1, 1, 1.2};
  }
  return {2.5e-6, 0.24e-6, 0.77, 0.86, 1, 2.25};
}

CurveParameters generic(const AttentionCall& call) {
  if (call.prefill) return {12e-6, 7e-6, 0.48, 0.3, 1, 1.3};
  return {8e-6, 0.08e-6, 0.3, 0.775, 1, 3};
}

CurveParameters generic(const LatentAttentionCall& call) {
  if (call.whole_block) return {48e-6, 1e-6, 0.6, 0.7, 1, 1.4};
  if (call.prefill) return {16e-6, 9.5e-6, 0.59, 0.36, 1, 1.45};
  return {13.7e-6, 0.2e-6, 0.93, 0.755, 1, 3};
}

CurveParameters generic(const ExpertsCall& call) {
  switch (compute_of(call.format)) {
    case DType::kFp8:
      return {24e-6, 0.6e-6, 0.5, 0.75, 1, 4};
    case DType::kFp4:
      return {26.8e-6, 0, 0.42, 0.82, 1, 2.4};
    default:
      break;
  }
  if (call.format != KernelFormat::kBf16) return {13e-6, 1e-6, 0.33, 0.4, 1, 16};
  return {15e-6, 2.6e-6, 0.39, 0.92, 1, 2.4};
}

CurveParameters generic(const CollectiveCall& call) {
  const bool own = call.library == CollectiveLibrary::kEngineGraph;
  return {own ? 3.6e-6 : 6e-6, own ? 0.3e-6 : 2e-6, 1, 1, 0.54, 4};
}

CurveParameters generic(const LinearMixerCall& call) {
  if (call.stage == MixerStage::kConvolution) return {3.5e-6, 0.1e-6, 0.5, 0.9, 1, 4};
  return {4.7e-6, 0.2e-6, 0.15, 0.9, 1, 4};
}

// Of calls of most kernels by these medians, out of the accelerators that they come from.
constexpr LogBand kGenericBand = {-0.35, 0.5};
// Where another engine's, another format's or another chip's curve stands in: its own band, wider.
constexpr double kTransferredWidth = 0.1;

// All-reduce through PCIe reaches less of the link than through a switch, and less again when
// staged in host memory: each byte crosses it twice.
double link_share(const Accelerator& accelerator) {
  if (!accelerator.link) return 1;
  switch (accelerator.link->topology) {
    case Topology::kPcie:
      return 0.7;
    case Topology::kHost:
      return 0.35;
    case Topology::kSwitch:
    case Topology::kMesh:
      break;
  }
  return 1;
}

// A kernel that waits for nothing starts and ends within some microseconds. Where calls of a few
// kernels (quantisation and GEMM, a whole attention block) were measured from Python, their
// launches took 80 to 360: more than their work, and none of it on the accelerator.
constexpr double kKernelOverhead = 20e-6;

KernelTime on_curve(const Curve& curve, std::string_view kernel_class, const Kernel& kernel,
                    const PeakTimes& peak) {
  const CurveParameters& p = curve.parameters;
  KernelTime time;
  const double factor = factor_of(curve, kernel_class, coordinates_of(kernel));
  const double base = base_time(p, peak);
  time.time_s = std::max(base * factor, peak.limit_s);
  time.band = curve.band;
  // Parts in the proportions of the parameters' formula, before the limit.
  const double compute = peak.compute_s / p.compute;
  const double memory = peak.memory_s / p.memory;
  const double overhead = p.overhead_s + peak.serial * p.latency_s;
  const double link = peak.link_s / p.link;
  const double larger = std::max(compute, memory);
  // What compute and memory do not overlap goes to both alike.
  const double both = larger > 0 ? std::max(base - overhead - link, 0.0) / larger : 0;
  time.both = std::max(both, 1.0);
  time.parts = {compute * both * factor, memory * both * factor, link * factor, overhead * factor};
  time.launch_s = std::max(p.overhead_s - kKernelOverhead, 0.0) * factor;
  return time;
}

}  // namespace

double group_bandwidth(const Accelerator& accelerator, double ranks) {
  if (!accelerator.link || ranks < 2) return 0;
  const Link& link = *accelerator.link;
  if (link.topology != Topology::kMesh) return link.bandwidth_bytes_per_s;
  // Each peer has its own links: a group of n uses n − 1 of them.
  const auto peers = static_cast<double>(std::max<std::int64_t>(link.domain_size - 1, 1));
  return link.bandwidth_bytes_per_s * std::min(1.0, (ranks - 1) / peers);
}

PeakTimes peaks_of(const Kernel& kernel, const Accelerator& accelerator) {
  const auto* collective = std::get_if<CollectiveCall>(&kernel);
  const double ranks = collective != nullptr ? collective->ranks : 1;
  return peak_times(work_of(kernel), accelerator, group_bandwidth(accelerator, ranks));
}

double limit_of(const Kernel& kernel, const Accelerator& accelerator) {
  return peaks_of(kernel, accelerator).limit_s;
}

std::vector<std::string> classes_like(const Kernel& kernel) {
  std::vector<std::string> classes =
      std::visit([](const auto& call) { return like(call); }, kernel);
  std::vector<std::string> once;
  for (std::string& name : classes) {
    if (std::find(once.begin(), once.end(), name) == once.end()) once.push_back(std::move(name));
  }
  return once;
}

Curve generic_curve(const Kernel& kernel, const Accelerator& accelerator) {
  Curve curve;
  curve.parameters = std::visit([](const auto& call) { return generic(call); }, kernel);
  curve.parameters.link *= link_share(accelerator);
  curve.band = kGenericBand;
  return curve;
}

KernelTime time_of(const Kernel& kernel, const CostModel& model, std::string_view named) {
  return time_of(kernel, peaks_of(kernel, *model.accelerator), model, named);
}

KernelTime time_of(const Kernel& kernel, const PeakTimes& peak, const CostModel& model,
                   std::string_view named) {
  const Accelerator& accelerator = *model.accelerator;
  if (model.calibration != nullptr) {
    const std::vector<std::string> classes = classes_like(kernel);
    for (const std::string& name : classes) {
      const MeasuredCurve* found = model.calibration->find(name, model.profile.kernels, named);
      if (found == nullptr) continue;
      KernelTime time = on_curve(found->curve, name, kernel, peak);
      const bool own = model.profile.own_kernels && name == classes.front() &&
                       model.calibration->accelerator == accelerator.id &&
                       (found->engine.empty() || found->engine == model.profile.kernels);
      time.source = own ? Source::kMeasured : Source::kTransferred;
      if (!own) {
        time.band.low -= kTransferredWidth;
        time.band.high += kTransferredWidth;
      }
      return time;
    }
  }
  KernelTime time = on_curve(generic_curve(kernel, accelerator), "", kernel, peak);
  time.source = Source::kGeneric;
  return time;
}

}  // namespace tokencast
