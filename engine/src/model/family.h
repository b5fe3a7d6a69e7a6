// The contract of a model family. To add one: docs/adding-a-family.md.
#ifndef TOKENCAST_MODEL_FAMILY_H_
#define TOKENCAST_MODEL_FAMILY_H_

#include <string>
#include <vector>

#include "base/json_reader.h"
#include "model/architecture.h"

namespace tokencast {

struct Family {
  std::string model_type;    ///< as configs write it; also the family's name
  std::string architecture;  ///< the class of the causal language model
  /// Adds what the family's config says to an architecture that has the common fields.
  void (*read)(ObjectReader& config, Architecture& architecture);
};

/// Every family that is understood, in the order in which they are offered.
const std::vector<Family>& families();

// One reader per family, each in a file of its own.
void read_llama(ObjectReader& config, Architecture& architecture);
void read_mistral(ObjectReader& config, Architecture& architecture);
void read_qwen2(ObjectReader& config, Architecture& architecture);
void read_qwen3(ObjectReader& config, Architecture& architecture);
void read_mixtral(ObjectReader& config, Architecture& architecture);
void read_qwen3_moe(ObjectReader& config, Architecture& architecture);
void read_deepseek_v3(ObjectReader& config, Architecture& architecture);

// What several families share.

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
};

/// Reads num_attention_heads, num_key_value_heads (as many as heads when absent) and head_dim
/// (hidden_size / heads when absent).
GroupedAttention read_grouped_attention(ObjectReader& config, const Architecture& architecture);

/// Returns sliding_window where it limits anything: 0 when absent, or as long as the context (then
/// a note says so).
std::int64_t read_sliding_window(ObjectReader& config, Architecture& architecture);

/// Adds layers as Qwen does: layer_types says which slide; without it sliding_window is inert
/// unless use_sliding_window is set, and then the layers from max_window_layers on slide.
void add_layers_with_late_window(ObjectReader& config, Architecture& architecture,
                                 GroupedAttention attention, const Ffn& ffn);

/// Reports layer_types that name anything but full attention, in a family that has no other.
void refuse_other_layer_types(ObjectReader& config);

/// Reads num_hidden_layers.
std::int64_t read_layer_count(ObjectReader& config);

/// Reports experts per token above the number of experts.
void check_top_k(ObjectReader& config, const std::string& key, const MoeFfn& moe);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_FAMILY_H_
