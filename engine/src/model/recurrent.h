// Mixers with a state of fixed size, from their dimensions.
//
// Ignores: how chunked scans of a prompt recompute parts of the state; FLOPs are those of the
// recurrence, token by token.
#ifndef TOKENCAST_MODEL_RECURRENT_H_
#define TOKENCAST_MODEL_RECURRENT_H_

#include <cstdint>

#include "model/architecture.h"

namespace tokencast {

/// Gated DeltaNet (arXiv 2412.06464) as Qwen3-Next and 3.5 have it: fewer key heads than value
/// heads, one short convolution over q, k and v, an output gate as wide as the values.
struct GatedDeltaNet {
  std::int64_t key_heads = 0, key_dim = 0, value_heads = 0, value_dim = 0, kernel = 0;
};
RecurrentMixer make_mixer(const GatedDeltaNet& net, std::int64_t hidden);

/// Kimi Delta Attention (arXiv 2510.26692): a forget gate for each channel, through a low rank.
struct KimiDelta {
  std::int64_t heads = 0, head_dim = 0, kernel = 0;
  bool low_rank_forget_gate = true;
  bool low_rank_output_gate = true;
  std::int64_t decay_elements = 0;  ///< of A_log; 0: one for each head
};
RecurrentMixer make_mixer(const KimiDelta& delta, std::int64_t hidden);

/// Lightning attention (arXiv 2401.04658) of MiniMax-01 and Ring-linear: a decay for each head, no
/// convolution, a gate as wide as the output.
struct Lightning {
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  bool qk_norm = false;
  std::int64_t output_norm = 0;  ///< elements; 0: heads · head_dim
};
RecurrentMixer make_mixer(const Lightning& lightning, std::int64_t hidden);

/// Mamba 1 (arXiv 2312.00752): a state for each channel.
struct Mamba1 {
  std::int64_t inner = 0, state = 0, dt_rank = 0, kernel = 0;
  bool conv_bias = true;
  bool projection_bias = false;
  bool inner_norms = false;  ///< norms over dt, B and C (Jamba)
};
RecurrentMixer make_mixer(const Mamba1& mamba, std::int64_t hidden);

/// Mamba 2 (arXiv 2405.21060): heads of channels that share a decay, groups of heads that share B
/// and C.
struct Mamba2 {
  std::int64_t heads = 0, head_dim = 0, groups = 0, state = 0, kernel = 0;
  bool conv_bias = true;
  bool projection_bias = false;
  bool gated_norm = true;
};
RecurrentMixer make_mixer(const Mamba2& mamba, std::int64_t hidden);

/// The gated short convolution of LFM2.
struct ShortConvolution {
  std::int64_t width = 0, kernel = 0;
  bool bias = false;
};
RecurrentMixer make_mixer(const ShortConvolution& convolution, std::int64_t hidden);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_RECURRENT_H_
