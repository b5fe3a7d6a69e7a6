// One call of a kernel, in the terms in which kernels are measured, and the work it does.
//
// Ignores: values of the data, clock and temperature, and what other kernels left in caches.
#ifndef TOKENCAST_COST_KERNEL_H_
#define TOKENCAST_COST_KERNEL_H_

#include <array>
#include <cstddef>
#include <string>
#include <variant>

#include "base/dtype.h"

namespace tokencast {

/// How the weights of a linear layer are stored and multiplied, as engines choose their kernels.
enum class KernelFormat {
  kBf16,
  kFp8,              ///< a scale per tensor, token or channel
  kFp8Block,         ///< a scale per 128 × 128 weights
  kNvfp4,            ///< weights and activations
  kMxfp4Mxfp8,       ///< mxfp4 weights, mxfp8 activations
  kMxfp4WeightOnly,  ///< mxfp4 weights, 16 bit activations
  kInt8,             ///< weights and activations
  kInt8Block,        ///< the same, each 32 with a scale of their own: GGUF in llama.cpp
  kInt8WeightOnly,
  kInt4WeightOnly
};

/// y[m, n] = x[m, k] · W.
struct GemmCall {
  double m = 0, n = 0, k = 0;
  KernelFormat format = KernelFormat::kBf16;
  double weight_bits = 0;  ///< per weight, scales included; 0: as the format has
};

/// Softmax attention of sequences alike. Prefill makes the K and V of its new tokens; a decode call
/// has one new token, counted in cached_tokens.
struct AttentionCall {
  bool prefill = false;
  double sequences = 0;
  double new_tokens = 1;
  double cached_tokens = 0;
  double heads = 0, kv_heads = 0;
  double head_dim = 0;
  double window = 0;      ///< tokens; 0: none
  bool fp8_math = false;  ///< Q · Kᵀ and P · V in fp8
  bool fp8_kv = false;
};

/// Multi-head latent attention: the core alone, or with all its projections. Measured with the
/// dimensions of DeepSeek-V3 (its config.json), which are those that hold unless others are given.
struct LatentAttentionCall {
  bool prefill = false;
  bool whole_block = false;
  double sequences = 0;
  double new_tokens = 1;
  double cached_tokens = 0;
  double heads = 0;
  bool fp8_math = false;
  bool fp8_kv = false;
  KernelFormat projections = KernelFormat::kBf16;  ///< of a whole block
  double hidden = 7168, query_rank = 1536, latent = 512, rope = 64, nope = 128, value = 128;
};

/// All routed experts of one layer on one rank: both GEMMs, the activation between, the permutation
/// around.
struct ExpertsCall {
  double tokens = 0;  ///< of all ranks that share the experts
  double hidden = 0, intermediate = 0;
  double top_k = 0, experts = 0;
  double tp = 1, ep = 1;
  double skew = 0;  ///< exponent of a power law over experts; 0: balanced
  bool gated = true;
  KernelFormat format = KernelFormat::kBf16;
  double weight_bits = 0;  ///< as of a GemmCall
};

enum class Collective { kAllReduce, kAllGather, kReduceScatter, kAllToAll };
enum class CollectiveLibrary {
  kNccl,
  kOneCcl,
  kEngineGraph,  ///< the engine's own kernel, in a captured graph
  kEngineEager
};

struct CollectiveCall {
  Collective kind = Collective::kAllReduce;
  CollectiveLibrary library = CollectiveLibrary::kNccl;
  double ranks = 2;
  double payload_bytes = 0;
};

/// Parts of a linear attention or state-space layer between its projections.
enum class MixerStage { kConvolution, kDeltaRule };

struct LinearMixerCall {
  MixerStage stage = MixerStage::kConvolution;
  bool delta_rule = true;  ///< gated delta rule; else a state-space model (Mamba 2)
  bool prefill = false;
  double sequences = 0;
  double new_tokens = 1;
  double channels = 0;              ///< of the convolution
  double key_heads = 0, heads = 0;  ///< of the state
  double key_dim = 0, value_dim = 0;
  double state_bytes = 0;  ///< of one sequence; 0: fp32
};

using Kernel = std::variant<GemmCall, AttentionCall, LatentAttentionCall, ExpertsCall,
                            CollectiveCall, LinearMixerCall>;

/// What a call must do at least, and in which units.
struct KernelWork {
  double flops = 0;        ///< with those that fill up tiles
  double floor_flops = 0;  ///< of them those that are asked for; 0: all
  DType compute = DType::kBf16;
  double vector_flops = 0;  ///< of fp32 units, on top of flops
  double bytes = 0;         ///< between memory and chip, each once
  double floor_bytes = 0;   ///< of them those that no on-chip cache holds: weights and KV
  double link_bytes = 0;    ///< sent by each rank
  double serial = 0;        ///< dependent steps, in units that only compare calls of one class
};
KernelWork work_of(const Kernel& kernel);

/// Kernels of one class run the same code: one set of fitted parameters. "gemm/fp8_block".
std::string class_of(const Kernel& kernel);

/// Logarithms (base 2) of the sizes that a class's time depends on. The first few are used, in the
/// order in which axes_of(class) lists them.
constexpr std::size_t kMostCoordinates = 8;
using Coordinates = std::array<double, kMostCoordinates>;
Coordinates coordinates_of(const Kernel& kernel);

/// Returns the format's name in classes: "fp8_block".
std::string_view name_of(KernelFormat format);
/// Returns the format in which the units multiply.
DType compute_of(KernelFormat format);
/// Bits per weight in memory, scales included.
double bits_of(KernelFormat format);

}  // namespace tokencast

#endif  // TOKENCAST_COST_KERNEL_H_
