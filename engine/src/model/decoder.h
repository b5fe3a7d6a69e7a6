// What families of decoders share: how they are usually read, and helpers to lay out their layers.
#ifndef TOKENCAST_MODEL_DECODER_H_
#define TOKENCAST_MODEL_DECODER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/architecture.h"
#include "model/config_reader.h"

namespace tokencast {

/// Largest sizes believed. Each is at least 16 times what any published model has, so that a typing
/// error is caught and every product of them stays exact in a double.
struct Limits {
  static constexpr Range kLayers = {1, 4096};
  static constexpr Range kHidden = {1, 262144};
  static constexpr Range kHeads = {1, 16384};
  static constexpr Range kHeadDim = {1, 16384};
  static constexpr Range kIntermediate = {1, 4194304};
  static constexpr Range kVocabulary = {1, 16777216};
  static constexpr Range kContext = {1, 1e9};
  static constexpr Range kExperts = {1, 65536};
  static constexpr Range kRank = {1, 262144};
  static constexpr Range kState = {1, 65536};
  static constexpr Range kCount = {0, 4096};  ///< of layers or modules, or none
};

enum class Norm { kRms, kLayer };

/// Returns the weights of count norms of width elements each: LayerNorm has a bias besides.
std::int64_t norm_elements(Norm norm, std::int64_t width, std::int64_t count);

/// Returns the number of layers: as stated, else the length of the list that says what they are.
std::int64_t read_layer_count(ConfigReader& config);

/// What a family does where its config is silent.
struct AttentionRules {
  bool qkv_bias = false;
  bool output_bias = false;
  QkNorm qk_norm = QkNorm::kNone;
  bool multi_head = false;  ///< every head has K and V of its own, by construction
};

/// Reads num_attention_heads, num_key_value_heads (as many as heads when absent, with a note) and
/// head_dim (hidden_size / heads when absent).
GroupedAttention read_grouped_attention(ConfigReader& config, const Architecture& architecture,
                                        const AttentionRules& rules = {});

/// Reads the ranks and dimensions of multi-head latent attention. v_head_dim is that of
/// qk_nope_head_dim where it is absent.
LatentAttention read_latent_attention(ConfigReader& config);

/// Returns the sliding window where it limits anything: 0 when absent, or as long as the context.
std::int64_t read_window(ConfigReader& config, const Architecture& architecture,
                         const Names& names = key::kWindow);

/// Returns the kind of each layer, as layer_types or a list of another name says; empty where it is
/// absent.
/// Reports a name that is not among known, and a list of another length.
std::vector<std::string> read_layer_types(ConfigReader& config, std::int64_t layers,
                                          const std::vector<std::string>& known,
                                          const Names& names = key::kLayerTypes);

/// Returns whether each layer attends to everything, in a model whose others have linear attention:
/// as layer_types says, else every full_attention_interval-th.
std::vector<bool> read_full_layers(ConfigReader& config, std::int64_t layers);

/// Returns the dtype in which recurrent states are kept: as a key says it, else fallback.
DType read_state_dtype(ConfigReader& config, const Names& names, DType fallback);

/// Reads experts, experts per token and their width, and checks them. Shared experts are as many as
/// stated, each as wide as a routed one.
MoeFfn read_moe(ConfigReader& config, const Names& width = key::kExpertIntermediate);

/// Reports heads that cannot share their KV heads evenly.
void check_kv_heads(ConfigReader& config, const Names& names, std::int64_t heads,
                    std::int64_t kv_heads);

/// Reports experts per token above the number of experts.
void check_top_k(ConfigReader& config, const MoeFfn& moe);

/// Returns whether each layer has experts: not the first ones that first_k_dense_replace counts,
/// and then one in moe_layer_freq, which may also be a list of 0 and 1.
std::vector<bool> read_moe_placement(ConfigReader& config, std::int64_t layers);

/// A layer of a mixer and an FFN, each after a norm of hidden width.
Layer decoder_layer(const Mixer& mixer, const Ffn& ffn, const Architecture& architecture,
                    Norm norm = Norm::kRms, std::int64_t norms = 2);

/// Adds layers that are all alike.
void add_layers(Architecture& architecture, const Layer& layer, std::int64_t layers);

/// Adds the layers that at returns for 0 to layers − 1.
void add_layers(Architecture& architecture, std::int64_t layers,
                const std::function<Layer(std::int64_t)>& at);

/// Adds multi-token-prediction layers as DeepSeek-V3 stores them: norms of the hidden state, of the
/// next token's embedding and of the output, a projection of the first two together, and a layer.
void add_mtp_layers(Architecture& architecture, const Layer& layer, std::int64_t count);

/// Adds the same as a function of the config: num_nextn_predict_layers and its aliases.
std::int64_t read_mtp_count(ConfigReader& config);

/// Returns value rounded up to a multiple.
std::int64_t round_up(std::int64_t value, std::int64_t multiple);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_DECODER_H_
