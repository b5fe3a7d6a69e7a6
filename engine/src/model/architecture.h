// What a model is: layers, heads, experts. Facts of the checkpoint; no hardware, no time.
//
// Ignores: dropout, initialisation, rotary details (they move no bytes that matter), generation
// settings, and multi-token-prediction layers, which serving engines leave out unless asked.
#ifndef TOKENCAST_MODEL_ARCHITECTURE_H_
#define TOKENCAST_MODEL_ARCHITECTURE_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/dtype.h"
#include "base/result.h"

namespace tokencast {

/// MHA, GQA and MQA: K and V per KV head. They differ only in the number of KV heads.
struct GroupedAttention {
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  bool qkv_bias = false;
  bool output_bias = false;
  bool qk_norm = false;     ///< RMSNorm over each head's q and k
  std::int64_t window = 0;  ///< sliding window in tokens; 0: all tokens are kept
};

/// Multi-head latent attention (DeepSeek-V2 report, arXiv 2405.04434, section 2.1): the cache holds
/// one latent vector and one rotary key per token, whatever the number of heads.
struct LatentAttention {
  std::int64_t heads = 0;
  std::int64_t q_lora_rank = 0;  ///< 0: queries are projected directly
  std::int64_t kv_lora_rank = 0;
  std::int64_t qk_nope_head_dim = 0;
  std::int64_t qk_rope_head_dim = 0;
  std::int64_t v_head_dim = 0;
  bool bias = false;
};

using Attention = std::variant<GroupedAttention, LatentAttention>;

/// Gated FFN: gate, up and down projections.
struct DenseFfn {
  std::int64_t intermediate = 0;
  bool bias = false;
};

/// Mixture of experts; each expert is a gated FFN.
struct MoeFfn {
  std::int64_t experts = 0;
  std::int64_t top_k = 0;                ///< experts a token is routed to
  std::int64_t intermediate = 0;         ///< of one expert
  std::int64_t shared_intermediate = 0;  ///< of all shared experts together; 0: none
  bool correction_bias = false;          ///< one value per expert, added to the router's scores
};

using Ffn = std::variant<DenseFfn, MoeFfn>;

/// Layers that are alike, and how many.
struct LayerGroup {
  Attention attention;
  Ffn ffn;
  std::int64_t count = 0;
};

/// How the elements of one weight are stored and multiplied.
struct WeightFormat {
  DType dtype = DType::kBf16;
  double bits = 16;          ///< per weight, scales and zero points included
  bool weight_only = false;  ///< unpacked to 16 bit before the multiplication
  std::int64_t group =
      0;  ///< weights of a row that share a scale, which ranks cannot split; 0: any
};

/// What a checkpoint's quantization covers. Norms, routers and biases are never quantized.
struct Quantization {
  std::string method;       ///< as the config names it; empty: none
  bool understood = true;   ///< false: bytes cannot be told from the config by this version
  WeightFormat linear;      ///< of attention and FFN projections and experts
  bool embeddings = false;  ///< whether the embedding table and lm_head are quantized too
};

struct Architecture {
  std::string family;        ///< "qwen2"
  std::string architecture;  ///< the class that the config names: "Qwen2ForCausalLM"
  std::int64_t hidden = 0;
  std::int64_t vocabulary = 0;
  std::int64_t max_context = 0;  ///< tokens; 0: the config does not say
  bool tied_embeddings = false;  ///< lm_head shares the embedding table
  std::vector<LayerGroup> layers;
  std::int64_t mtp_layers = 0;  ///< multi-token-prediction layers in the checkpoint, not counted
  DType dtype = DType::kBf16;   ///< of weights that are not quantized, and of activations
  Quantization quantization;
  std::vector<Note> notes;

  std::int64_t layer_count() const {
    std::int64_t count = 0;
    for (const LayerGroup& group : layers) count += group.count;
    return count;
  }
};

/// Returns "mha", "gqa", "mqa" or "mla".
std::string attention_name(const Attention& attention);

/// Returns the elements that one layer caches for one token, over all heads.
double kv_elements_per_token(const Attention& attention);

/// Returns the KV heads that each of tp ranks holds: a part of them, or one where ranks outnumber
/// heads.
double kv_heads_on_rank(const GroupedAttention& attention, std::int64_t tp);

/// Returns the elements that one rank caches for one token of one layer: latent vectors are whole
/// on each.
double kv_elements_on_rank(const Attention& attention, std::int64_t tp);

/// Returns the sliding window in tokens; 0: none.
std::int64_t window_of(const Attention& attention);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_ARCHITECTURE_H_
