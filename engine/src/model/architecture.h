// What a model is: layers, heads, experts. Facts of the checkpoint; no hardware, no time.
//
// Ignores: dropout, initialisation, rotary details (they move no bytes that matter) and generation
// settings.
#ifndef TOKENCAST_MODEL_ARCHITECTURE_H_
#define TOKENCAST_MODEL_ARCHITECTURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/dtype.h"
#include "base/result.h"
#include "model/component.h"
#include "model/weight_formats.h"

namespace tokencast {

/// How tensor parallelism lays a tensor over its ranks.
enum class Sharding {
  kSplit,      ///< an equal part on each rank
  kKvHeads,    ///< split by KV heads; a head is repeated where ranks outnumber heads
  kReplicated  ///< whole on each rank
};

/// A linear layer y[out] = x[in] · W, named as checkpoints name the module. Text must be a literal.
struct Linear {
  std::string_view name;
  Component component = Component::kOther;
  std::int64_t in = 0;
  std::int64_t out = 0;
  Sharding sharding = Sharding::kSplit;
  bool bias = false;
  bool operator==(const Linear&) const = default;
};

/// Chooses the tokens that attention reads (DeepSeek-V3.2's lightning indexer, MiniMax-M3's
/// blocks): it scores all of the context with few small heads, whose keys it caches beside the KV
/// cache.
struct SparseIndexer {
  std::int64_t heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t query_input = 0;  ///< width of what its queries are projected from
  std::int64_t top_k = 0;        ///< tokens that attention reads
  bool head_weights = true;      ///< hidden × heads, weighs the heads' scores
  bool key_norm_bias = true;     ///< LayerNorm over the key, with a bias
  bool query_norm = false;       ///< a norm of head_dim over the queries as well
  bool operator==(const SparseIndexer&) const = default;
};

enum class QkNorm { kNone, kPerHead, kFullWidth };
enum class OutputGate {
  kNone,
  kElement,  ///< a gate for each output of each head: hidden × heads · v_head_dim
  kHead      ///< a gate for each head: hidden × heads
};

/// MHA, GQA and MQA: K and V per KV head. They differ only in the number of KV heads.
struct GroupedAttention {
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;     ///< of Q and K
  std::int64_t v_head_dim = 0;   ///< 0: as head_dim
  std::int64_t input = 0;        ///< width it reads; 0: hidden
  std::int64_t q_lora_rank = 0;  ///< queries go through a normed vector this wide; 0: directly
  bool qkv_bias = false;
  bool output_bias = false;
  QkNorm qk_norm = QkNorm::kNone;
  bool qk_norm_bias = false;
  std::int64_t window = 0;  ///< sliding window in tokens; 0: all tokens are kept
  bool chunked = false;     ///< window counts from multiples of itself (Llama 4), not backwards
  bool sinks = false;       ///< a learned logit per head
  OutputGate gate = OutputGate::kNone;
  bool keys_are_values = false;  ///< one projection for both; both are cached
  bool shares_kv = false;        ///< reads the K and V of an earlier layer, has and stores none
  bool reuses_kv = false;        ///< the same, with projections of its own that are never run
  bool cross = false;            ///< attends to image tokens, not to text
  std::optional<SparseIndexer> indexer;

  std::int64_t value_dim() const { return v_head_dim > 0 ? v_head_dim : head_dim; }
  bool operator==(const GroupedAttention&) const = default;
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
  bool output_gate = false;  ///< for each output: hidden × heads · v_head_dim
  bool head_gate = false;    ///< for each head: hidden × heads
  std::optional<SparseIndexer> indexer;
  bool operator==(const LatentAttention&) const = default;
};

/// DeepSeek-V4's attention: one head whose keys are its values, kept for the last tokens, and
/// beside them one entry of the same width for every ratio tokens of the whole context.
struct CompressedAttention {
  std::int64_t heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t q_lora_rank = 0;
  std::int64_t output_groups = 1;        ///< heads are projected down in groups
  std::int64_t o_lora_rank = 0;          ///< of one group
  std::int64_t window = 0;               ///< tokens kept whole
  std::int64_t ratio = 0;                ///< tokens that share a compressed entry; 0: none are kept
  std::int64_t overlap = 1;              ///< entries each token takes part in
  std::optional<SparseIndexer> indexer;  ///< its top_k counts compressed entries
  bool operator==(const CompressedAttention&) const = default;
};

enum class RecurrentKind {
  kGatedDeltaNet,
  kKimiDelta,
  kLightning,
  kMamba1,
  kMamba2,
  kShortConvolution,
  kGatedLinear,
  kRwkv
};

/// A mixer whose memory of the past has a fixed size: linear attention, state spaces, convolutions.
/// recurrent.h makes them.
struct RecurrentMixer {
  RecurrentKind kind = RecurrentKind::kMamba2;
  std::vector<Linear> linears;
  std::int64_t vector_elements = 0;  ///< convolutions, biases, decay rates: never quantized
  std::int64_t norm_elements = 0;
  std::int64_t heads = 1;            ///< tensor parallel sizes must divide them
  std::int64_t conv_state = 0;       ///< elements that a sequence keeps for the convolution
  std::int64_t recurrent_state = 0;  ///< elements of the state itself
  double flops_per_token = 0;        ///< of the convolution and the state's update and reading
  bool operator==(const RecurrentMixer&) const = default;
};

using Mixer = std::variant<GroupedAttention, LatentAttention, CompressedAttention, RecurrentMixer>;

struct DenseFfn {
  std::int64_t intermediate = 0;
  bool bias = false;
  bool gated = true;  ///< gate, up and down projections; else up and down
  bool operator==(const DenseFfn&) const = default;
};

/// Mixture of experts.
struct MoeFfn {
  std::int64_t experts = 0;
  std::int64_t top_k = 0;                ///< experts a token is routed to
  std::int64_t intermediate = 0;         ///< of one expert
  std::int64_t shared_intermediate = 0;  ///< of all shared experts together; 0: none
  std::int64_t zero_experts = 0;  ///< take a token's place among its top k, and have no weights
  std::int64_t input = 0;         ///< latent width that routed experts act on; 0: hidden
  bool latent_norm = false;       ///< over what experts give back at that width
  bool idle = false;              ///< for other inputs than text: stored, never run
  bool gated = true;
  bool bias = false;             ///< of experts
  bool router_bias = false;      ///< of the router's linear layer
  bool correction_bias = false;  ///< one value per expert, added to the router's scores
  bool shared_gate = false;      ///< hidden × 1, weighs the shared expert
  bool operator==(const MoeFfn&) const = default;

  /// Expected number of experts with weights that a token goes to.
  double real_top_k() const {
    return static_cast<double>(top_k) * static_cast<double>(experts) /
           static_cast<double>(experts + zero_experts);
  }
};

using Ffn = std::variant<DenseFfn, MoeFfn>;

/// What runs once per token and layer: usually one mixer and one FFN, each after a norm.
struct Layer {
  std::vector<Mixer> mixers;
  std::vector<Ffn> ffns;
  std::vector<Linear> linears;      ///< what only few families add
  std::int64_t norms = 2;           ///< of hidden width
  std::int64_t norm_elements = 0;   ///< weights and biases of these norms
  std::int64_t other_elements = 0;  ///< small tensors that only few families add; never quantized
  bool parallel = false;            ///< mixers and FFNs read the same input, and are summed once
  bool operator==(const Layer&) const = default;
};

/// Layers that are alike.
struct LayerGroup {
  Layer layer;
  std::int64_t count = 0;             ///< times it runs for each token
  std::int64_t stored = 0;            ///< times its weights are stored: fewer where they are shared
  std::vector<std::int64_t> indices;  ///< of the model's layers, from 0; a shared block has none
};

/// The quantization that a checkpoint states.
struct Quantization {
  std::string method;      ///< as the config names it; empty: none
  bool understood = true;  ///< false: bytes cannot be told from the config
  FormatRules rules;
  std::string file_type;          ///< of a GGUF file, which follows rules of its own
  std::optional<DType> kv_cache;  ///< where the config says it
};

/// Tensors of the model that are in no layer and neither embedding table, final norm nor head.
struct ModelTensor {
  std::string_view name;  ///< a literal
  Component component = Component::kOther;
  double elements = 0;
  bool lookup = false;   ///< a table of which a token reads few rows: nothing is multiplied
  std::int64_t row = 0;  ///< elements that a token reads of a table
};

/// An encoder of images or sound beside the language model.
struct Tower {
  std::string kind;       ///< "vision", "audio"
  double parameters = 0;  ///< projector included
  bool counted = false;   ///< false: the config does not say enough
};

struct Architecture {
  std::string family;        ///< "qwen2"
  std::string architecture;  ///< the class that the config names: "Qwen2ForCausalLM"
  std::int64_t hidden = 0;
  std::int64_t vocabulary = 0;
  std::int64_t embedding_rows = 0;  ///< 0: as vocabulary
  std::int64_t embedding_dim = 0;   ///< 0: as hidden
  std::int64_t max_context = 0;     ///< tokens; 0: the config does not say
  bool tied_embeddings = false;     ///< lm_head shares the embedding table
  bool lm_head = true;              ///< false: an embedding model
  bool head_bias = false;
  std::int64_t final_norm_elements = 0;
  std::vector<LayerGroup> layers;
  std::vector<ModelTensor> tensors;  ///< others
  std::vector<LayerGroup> mtp;   ///< multi-token-prediction layers of the checkpoint: not counted
  std::int64_t mtp_modules = 0;  ///< what these layers make up: tokens predicted ahead
  double mtp_table_copies = 0;   ///< embedding tables and heads that are stored again with them
  std::vector<Tower> towers;
  DType dtype = DType::kBf16;        ///< of weights that are not quantized, and of activations
  DType state_dtype = DType::kFp32;  ///< of recurrent states
  Quantization quantization;
  WeightFormats formats;  ///< of the checkpoint, where its quantization is understood
  std::vector<Note> notes;

  std::int64_t layer_count() const;
};

/// Appends the model's next layer: to the group of layers equal to it, or as a new group.
void add_layer(std::vector<LayerGroup>& groups, Layer layer);

/// Returns "mha", "gqa", "mqa", "mla", "mamba2", ….
std::string mixer_name(const Mixer& mixer);

/// Returns "gated", "plain" or "moe".
std::string ffn_name(const Ffn& ffn);

/// Returns the attention kind of the model in a word: that of its first attention, else of its
/// first mixer.
std::string attention_name(const Architecture& architecture);

/// Returns the elements of K and V, or of latent vectors, that one mixer caches for one token, over
/// all heads.
double kv_elements_per_token(const Mixer& mixer);

/// Returns the KV heads that each of tp ranks holds: a part of them, or one where ranks outnumber
/// heads.
double kv_heads_on_rank(std::int64_t kv_heads, std::int64_t tp);

/// Returns the elements that one rank caches for one token of one mixer: latent vectors are whole
/// on each.
double kv_elements_on_rank(const Mixer& mixer, std::int64_t tp);

/// Returns the elements that one mixer keeps for one token beyond its window, in compressed
/// entries.
double compressed_elements_per_token(const Mixer& mixer);

/// Returns the elements that an indexer caches for one token.
double index_elements_per_token(const Mixer& mixer);

/// Returns the tokens that a mixer's cache holds at most; 0: as many as there are.
std::int64_t window_of(const Mixer& mixer);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_ARCHITECTURE_H_
