#include "cost/kernel.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "base/overloaded.h"

namespace tokencast {
namespace {

constexpr double kActivationBytes = 2;

double log2_of(double value) { return logarithm2(std::max(value, 1.0 / 1024)); }

/// Bytes of one activation as the GEMM reads it.
double input_bytes(KernelFormat format) {
  switch (compute_of(format)) {
    case DType::kFp8:
    case DType::kInt8:
      return 1;
    case DType::kFp4:
      return bits_of(KernelFormat::kNvfp4) / 8;
    default:
      return kActivationBytes;
  }
}

/// Bits per weight of a call.
template <class Call>
double bits_of(const Call& call) {
  return call.weight_bits > 0 ? call.weight_bits : bits_of(call.format);
}

// ---- GEMM

/// Of each sum of 32 products of int8, vector units take apart weights, convert the sum, multiply
/// by the scales of both sides and add: some six instructions, each in the time of a multiply-add.
/// Counted, not measured; llama.cpp's published rates on eight accelerators are alike beside it,
/// and far apart beside the peak of int8 alone.
constexpr double kVectorFlopsOfProduct = 6 * 2.0 / 32;

KernelWork work_of_call(const GemmCall& c) {
  KernelWork work;
  work.flops = 2 * c.m * c.n * c.k;
  work.compute = compute_of(c.format);
  work.floor_bytes = c.n * c.k * bits_of(c) / 8;
  work.bytes = work.floor_bytes + c.m * (c.k * input_bytes(c.format) + c.n * kActivationBytes);
  work.serial = c.k / 1024;
  if (c.format == KernelFormat::kInt8Block) {
    work.vector_flops = c.m * c.n * c.k * kVectorFlopsOfProduct;
  }
  return work;
}

Coordinates coordinates_of_call(const GemmCall& c) {
  return {log2_of(c.m), log2_of(c.n), log2_of(c.k)};
}

// ---- Attention

/// Keys that the queries of one sequence attend to, summed over the queries.
double pairs_of(const AttentionCall& c) {
  if (!c.prefill) {
    return c.window > 0 ? std::min(c.window, c.cached_tokens) : c.cached_tokens;
  }
  const double whole = c.new_tokens * c.cached_tokens + c.new_tokens * (c.new_tokens + 1) / 2;
  const double context = c.cached_tokens + c.new_tokens;
  if (c.window <= 0 || context <= c.window) return whole;
  // Queries that see less than a window, then those that see all of one.
  const double below = std::clamp(c.window - c.cached_tokens, 0.0, c.new_tokens);
  return below * c.cached_tokens + below * (below + 1) / 2 + (c.new_tokens - below) * c.window;
}

/// Tokens of one sequence whose K and V are read.
double keys_read(const AttentionCall& c) {
  if (!c.prefill) return pairs_of(c);
  const double context = c.cached_tokens + c.new_tokens;
  return c.window > 0 ? std::min(context, c.window + c.new_tokens) : context;
}

KernelWork work_of_call(const AttentionCall& c) {
  KernelWork work;
  work.flops = 4 * c.sequences * c.heads * c.head_dim * pairs_of(c);
  work.compute = c.fp8_math ? DType::kFp8 : DType::kBf16;
  const double kv_bytes = c.fp8_kv ? 1 : 2;
  const double kv = c.sequences * keys_read(c) * 2 * c.kv_heads * c.head_dim * kv_bytes;
  const double queries = c.sequences * c.new_tokens * c.heads * c.head_dim;
  work.floor_bytes = c.prefill ? 0 : kv;
  work.bytes = kv + 2 * queries * kActivationBytes;
  work.serial = keys_read(c) / 1024;
  return work;
}

double window_ratio(const AttentionCall& c) {
  const double context = c.cached_tokens + (c.prefill ? c.new_tokens : 0);
  return c.window > 0 ? std::max(context / c.window, 1.0) : 1;
}

Coordinates coordinates_of_call(const AttentionCall& c) {
  const double group = c.heads / c.kv_heads;
  if (c.prefill) {
    return {log2_of(c.new_tokens),    log2_of(c.sequences * c.heads), log2_of(group),
            log2_of(window_ratio(c)), log2_of(c.sequences),           log2_of(c.kv_heads)};
  }
  const double keys = keys_read(c);
  return {log2_of(keys),
          log2_of(c.sequences * c.kv_heads),
          log2_of(group),
          log2_of(window_ratio(c)),
          log2_of(c.sequences),
          log2_of(c.sequences * keys * c.kv_heads),
          log2_of(c.sequences * c.heads)};
}

// ---- Multi-head latent attention

KernelWork work_of_call(const LatentAttentionCall& c) {
  KernelWork work;
  const double tokens = c.sequences * c.new_tokens;
  const double pairs = c.prefill
                           ? c.new_tokens * c.cached_tokens + c.new_tokens * (c.new_tokens + 1) / 2
                           : c.cached_tokens;
  // Decode attends to latent vectors; prefill unfolds them to keys and values of each head first.
  const double key = c.prefill ? c.nope + c.rope : c.latent + c.rope;
  const double value = c.prefill ? c.value : c.latent;
  work.flops = 2 * c.sequences * c.heads * pairs * (key + value);
  work.compute = c.fp8_math ? DType::kFp8 : DType::kBf16;
  const double context = c.cached_tokens + (c.prefill ? c.new_tokens : 0);
  const double kv = c.sequences * context * (c.latent + c.rope) * (c.fp8_kv ? 1 : 2);
  work.floor_bytes = c.prefill ? 0 : kv;
  work.bytes = c.prefill ? 2 * tokens * c.heads * (key + value) * kActivationBytes
                         : kv + tokens * c.heads * (key + value) * kActivationBytes;
  work.serial = context / 1024;
  if (c.whole_block) {
    const double weights = c.hidden * (c.query_rank + c.latent + c.rope) +
                           c.query_rank * c.heads * (c.nope + c.rope) +
                           c.latent * c.heads * (c.nope + c.value) + c.heads * c.value * c.hidden;
    work.flops += 2 * tokens * weights;
    work.floor_bytes += weights * bits_of(c.projections) / 8;
    work.bytes += weights * bits_of(c.projections) / 8 + 4 * tokens * c.hidden * kActivationBytes;
  }
  return work;
}

Coordinates coordinates_of_call(const LatentAttentionCall& c) {
  const double length = c.prefill ? c.new_tokens : c.cached_tokens;
  return {log2_of(length), log2_of(c.sequences), log2_of(c.heads), log2_of(c.sequences * length)};
}

// ---- Experts

/// How the token-expert pairs of one rank spread over its experts; the busiest rank, as the layer
/// waits for it.
struct ExpertLoad {
  double rows = 0;
  double touched = 0;  ///< experts with at least one row
  double padded = 0;   ///< rows with those that fill up tiles
  double largest = 0;  ///< rows of the busiest expert
};

constexpr double kRowTile = 64;

ExpertLoad balanced_load(const ExpertsCall& c) {
  ExpertLoad load;
  load.rows = c.tokens * c.top_k / c.ep;
  load.touched = std::clamp(load.rows, 1.0, c.experts / c.ep);
  load.largest = load.rows / load.touched;
  load.padded = load.touched * std::ceil(load.largest / kRowTile) * kRowTile;
  return load;
}

/// Loads in the proportions of a power law's quantiles over 1 to 0.8 tokens.
ExpertLoad skewed_load(const ExpertsCall& c) {
  const double most = std::max(0.8 * c.tokens, 1.5);
  const double exponent = 1 - c.skew;
  const double last = power(most, exponent) - 1;
  const auto experts = static_cast<int>(c.experts);
  const auto share_at = [&](int i) { return power(last * (i + 0.5) / experts + 1, 1 / exponent); };
  double sum = 0;
  for (int i = 0; i < experts; ++i) sum += share_at(i);
  const double pairs = c.tokens * c.top_k;
  // The rank of the busiest expert; its other experts are average ones.
  const double local = c.experts / c.ep;
  const double others = experts > 1 ? (local - 1) / (c.experts - 1) : 0;
  ExpertLoad load;
  for (int i = 0; i < experts; ++i) {
    const double rows = std::min(pairs * share_at(i) / sum, c.tokens);
    const double weight = i + 1 == experts ? 1 : others;
    load.largest = rows;
    load.rows += weight * rows;
    // Whole rows fall as they fall: an expert that expects one sees none a third of the time.
    const double touched = 1 - exponential(-rows);
    load.touched += weight * touched;
    load.padded += weight * touched * std::ceil(rows / kRowTile) * kRowTile;
  }
  load.touched = std::max(load.touched, 1.0);
  return load;
}

ExpertLoad load_of(const ExpertsCall& c) {
  return c.skew > 0 && c.skew != 1 ? skewed_load(c) : balanced_load(c);
}

KernelWork work_of_call(const ExpertsCall& c) {
  KernelWork work;
  const ExpertLoad load = load_of(c);
  const double matrices = c.gated ? 3 : 2;
  const double width = c.intermediate / c.tp;
  work.flops = 2 * matrices * c.hidden * width * load.padded;
  work.floor_flops = 2 * matrices * c.hidden * width * c.tokens * c.top_k / c.ep;
  work.compute = compute_of(c.format);
  const double expert = matrices * c.hidden * width * bits_of(c) / 8;
  work.floor_bytes = expert;
  // Each rank sorts the pairs of all ranks, and sums an output row for each.
  const double pairs = c.tokens * c.top_k;
  work.bytes = load.touched * expert + (load.rows * (2 * c.hidden + matrices * width) +
                                        pairs * c.hidden + 2 * c.tokens * c.hidden) *
                                           kActivationBytes;
  work.serial = (c.hidden + width) / 1024;
  return work;
}

Coordinates coordinates_of_call(const ExpertsCall& c) {
  const ExpertLoad load = load_of(c);
  const double mean = load.rows / load.touched;
  return {log2_of(c.tokens),
          log2_of(load.touched),
          log2_of(mean),
          log2_of(c.intermediate / c.tp),
          log2_of(c.hidden),
          log2_of(c.top_k),
          log2_of(load.largest / mean),
          log2_of(c.ep)};
}

// ---- Collectives

KernelWork work_of_call(const CollectiveCall& c) {
  KernelWork work;
  const double others = (c.ranks - 1) / c.ranks;
  // Ring algorithms: an all-reduce sends each part twice, the others once.
  work.link_bytes = (c.kind == Collective::kAllReduce ? 2 : 1) * others * c.payload_bytes;
  work.serial = c.ranks - 1;
  return work;
}

Coordinates coordinates_of_call(const CollectiveCall& c) {
  return {log2_of(c.payload_bytes), log2_of(c.ranks)};
}

// ---- Linear attention and state-space layers

KernelWork work_of_call(const LinearMixerCall& c) {
  KernelWork work;
  const double tokens = c.sequences * c.new_tokens;
  if (c.stage == MixerStage::kConvolution) {
    constexpr double kTaps = 4;
    work.flops = 2 * tokens * c.channels * kTaps;
    work.bytes = (2 * tokens + 2 * c.sequences * kTaps) * c.channels * kActivationBytes;
    return work;
  }
  const double state = c.heads * c.key_dim * c.value_dim;
  work.flops = 8 * tokens * state;
  constexpr double kStateBytes = 4;
  const double state_bytes = c.state_bytes > 0 ? c.state_bytes : state * kStateBytes;
  work.bytes =
      2 * c.sequences * state_bytes +
      tokens * (2 * c.key_heads * c.key_dim + 2 * c.heads * c.value_dim) * kActivationBytes;
  work.serial = c.new_tokens / 64;
  return work;
}

Coordinates coordinates_of_call(const LinearMixerCall& c) {
  return {log2_of(c.new_tokens), log2_of(c.sequences),
          log2_of(c.stage == MixerStage::kConvolution ? c.channels : c.heads),
          log2_of(c.sequences * c.new_tokens)};
}

// ---- Classes

std::string class_of_call(const GemmCall& c) { return "gemm/" + std::string(name_of(c.format)); }

std::string class_of_call(const AttentionCall& c) {
  std::string name = c.prefill ? "prefill_attention/" : "decode_attention/";
  if (c.prefill) name += c.fp8_math ? "fp8/" : "bf16/";
  name += c.fp8_kv ? "fp8/" : "bf16/";
  name += std::to_string(static_cast<int>(c.head_dim));
  return name + (c.window > 0 ? "/window" : "");
}

std::string class_of_call(const LatentAttentionCall& c) {
  std::string name = c.prefill ? "prefill_mla" : "decode_mla";
  if (c.whole_block) name += "_block/" + std::string(name_of(c.projections));
  if (c.whole_block && c.prefill) name += c.fp8_math ? "/fp8" : "/bf16";
  return name + (c.fp8_kv ? "/fp8" : "/bf16");
}

std::string class_of_call(const ExpertsCall& c) {
  return std::string(c.gated ? "experts/" : "plain_experts/") + std::string(name_of(c.format));
}

std::string class_of_call(const CollectiveCall& c) {
  static constexpr const char* kKinds[] = {"all_reduce", "all_gather", "reduce_scatter",
                                           "all_to_all"};
  static constexpr const char* kLibraries[] = {"nccl", "oneccl", "graph", "eager"};
  return std::string(kKinds[static_cast<std::size_t>(c.kind)]) + "/" +
         kLibraries[static_cast<std::size_t>(c.library)];
}

std::string class_of_call(const LinearMixerCall& c) {
  const bool convolution = c.stage == MixerStage::kConvolution;
  const char* rule = c.delta_rule ? (convolution ? "delta_convolution" : "delta_rule")
                                  : (convolution ? "state_convolution" : "state_space");
  return std::string(rule) + (c.prefill ? "/prefill" : "/decode");
}

}  // namespace

DType compute_of(KernelFormat format) {
  switch (format) {
    case KernelFormat::kFp8:
    case KernelFormat::kFp8Block:
    case KernelFormat::kMxfp4Mxfp8:
      return DType::kFp8;
    case KernelFormat::kNvfp4:
      return DType::kFp4;
    case KernelFormat::kInt8:
    case KernelFormat::kInt8Block:
      return DType::kInt8;
    case KernelFormat::kBf16:
    case KernelFormat::kMxfp4WeightOnly:
    case KernelFormat::kInt8WeightOnly:
    case KernelFormat::kInt4WeightOnly:
      break;
  }
  return DType::kBf16;
}

std::string_view name_of(KernelFormat format) {
  switch (format) {
    case KernelFormat::kBf16:
      break;
    case KernelFormat::kFp8:
      return "fp8";
    case KernelFormat::kFp8Block:
      return "fp8_block";
    case KernelFormat::kNvfp4:
      return "nvfp4";
    case KernelFormat::kMxfp4Mxfp8:
      return "mxfp4_mxfp8";
    case KernelFormat::kMxfp4WeightOnly:
      return "mxfp4_weight_only";
    case KernelFormat::kInt8:
      return "int8";
    case KernelFormat::kInt8Block:
      return "int8_block";
    case KernelFormat::kInt8WeightOnly:
      return "int8_weight_only";
    case KernelFormat::kInt4WeightOnly:
      return "int4_weight_only";
  }
  return "bf16";
}

double bits_of(KernelFormat format) {
  switch (format) {
    case KernelFormat::kBf16:
      break;
    case KernelFormat::kFp8:
    case KernelFormat::kFp8Block:
    case KernelFormat::kInt8:
    case KernelFormat::kInt8Block:
    case KernelFormat::kInt8WeightOnly:
      return 8;
    case KernelFormat::kNvfp4:
      return 4.5;  // an fp8 scale for each 16
    case KernelFormat::kMxfp4Mxfp8:
    case KernelFormat::kMxfp4WeightOnly:
      return 4.25;  // an 8 bit scale for each 32
    case KernelFormat::kInt4WeightOnly:
      return 4.125;  // a 16 bit scale for each 128
  }
  return 16;
}

KernelWork work_of(const Kernel& kernel) {
  return std::visit([](const auto& call) { return work_of_call(call); }, kernel);
}

std::string class_of(const Kernel& kernel) {
  return std::visit([](const auto& call) { return class_of_call(call); }, kernel);
}

Coordinates coordinates_of(const Kernel& kernel) {
  return std::visit([](const auto& call) { return coordinates_of_call(call); }, kernel);
}

}  // namespace tokencast
