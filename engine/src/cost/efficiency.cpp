#include "cost/efficiency.h"

namespace tokencast {
namespace {

// Chosen so that the middle of measured / estimated is near 1 over accelerators and engines
// (tests/accuracy/bands.mjs prints it), inside what kernels reach: large bf16 GEMMs 79-87 % of peak
// on A100 and H100 and 53-67 % on L40S and B200, fp8 52-63 % (kernel measurements of
// ai-dynamo/aiconfigurator, commit 095f58a5), of which a model's mix of shapes reaches less.
constexpr double kGemmCompute = 0.60;
constexpr double kLowPrecisionGemmCompute = 0.50;
// Prefill attention of FlashAttention 2 and 3: 35-75 % of peak from short to long prompts (arXiv
// 2407.08608, figure 5).
constexpr double kAttentionCompute = 0.50;
constexpr double kOtherCompute = 0.30;
// Chosen in the same way. Long KV caches stream at 77-91 % of bandwidth (same kernel measurements),
// weights of GEMMs with few rows at 30-85 %.
constexpr double kMemory = 0.60;
// All-reduce of large payloads on one node: 40 % of the wire rate on PCIe, 63-99 % on switches
// (NCCL measurements of the same source).
constexpr double kLink = 0.70;
constexpr double kPcieLink = 0.40;
// Staged through host memory each byte crosses PCIe twice, and the copies do not overlap fully.
constexpr double kHostStagedLink = 0.20;
// A small kernel inside a captured graph.
constexpr double kCallOverhead = 3e-6;
// Custom all-reduce of 64 kB or less between 2 to 8 GPUs: 3-8 µs on NVLink, 8-35 µs by NCCL and
// over PCIe.
constexpr double kCollectiveOverhead = 10e-6;
constexpr double kStepOverhead = 1e-3;

bool is_low_precision(DType dtype) { return bits_of(dtype) < 16; }

double compute_efficiency(const Operator& op) {
  if (std::holds_alternative<AttentionCore>(op.shape)) return kAttentionCompute;
  const bool multiplies =
      std::holds_alternative<Gemm>(op.shape) || std::holds_alternative<GroupedGemm>(op.shape);
  if (!multiplies) return kOtherCompute;
  return is_low_precision(op.compute) ? kLowPrecisionGemmCompute : kGemmCompute;
}

double link_efficiency(const Accelerator& accelerator) {
  if (!accelerator.link) return kLink;
  switch (accelerator.link->topology) {
    case Topology::kPcie:
      return kPcieLink;
    case Topology::kHost:
      return kHostStagedLink;
    case Topology::kSwitch:
    case Topology::kMesh:
      break;
  }
  return kLink;
}

}  // namespace

Efficiency efficiency_of(const Operator& op, const Accelerator& accelerator) {
  const bool collective =
      std::holds_alternative<AllReduce>(op.shape) || std::holds_alternative<AllGather>(op.shape);
  return {compute_efficiency(op), kMemory, link_efficiency(accelerator),
          collective ? kCollectiveOverhead : kCallOverhead, Source::kGeneric};
}

double step_overhead_s() { return kStepOverhead; }

// Hold about four in five of the results that tests/accuracy/bands.mjs compares with (it prints the
// share), in sample. Left outside: prefill of an early vLLM on MI300X, seven times slower than
// estimated.
Band prefill_band() { return {0.75, 2.5}; }
Band decode_band() { return {0.8, 2.4}; }

std::string name_of(Source source) {
  switch (source) {
    case Source::kMeasured:
      return "measured";
    case Source::kTransferred:
      return "transferred";
    case Source::kGeneric:
      break;
  }
  return "generic";
}

}  // namespace tokencast
