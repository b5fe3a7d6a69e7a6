// Names by which published configs call what every decoder has. What only one family says is named
// in that family's file.
#ifndef TOKENCAST_MODEL_NAMES_H_
#define TOKENCAST_MODEL_NAMES_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tokencast {

/// The names of one setting, separated by spaces: "hidden_size n_embd". Where a config has several
/// of them the first counts.
class Names {
 public:
  constexpr Names(const char* names) : names_(names) {}
  constexpr Names(std::string_view names) : names_(names) {}
  Names(const std::string& names) : names_(names) {}

  class Iterator {
   public:
    constexpr explicit Iterator(std::string_view rest) : rest_(rest) {}
    constexpr std::string_view operator*() const { return rest_.substr(0, rest_.find(' ')); }
    constexpr Iterator& operator++() {
      const std::size_t space = rest_.find(' ');
      rest_ = space == std::string_view::npos ? std::string_view() : rest_.substr(space + 1);
      return *this;
    }
    constexpr bool operator!=(const Iterator& other) const {
      return rest_.size() != other.rest_.size();
    }

   private:
    std::string_view rest_;
  };

  constexpr Iterator begin() const { return Iterator(names_); }
  constexpr Iterator end() const { return Iterator({}); }
  std::string front() const { return std::string(*begin()); }
  constexpr bool holds(std::string_view name) const {
    for (const std::string_view other : *this) {
      if (other == name) return true;
    }
    return false;
  }

 private:
  std::string_view names_;
};

namespace key {

constexpr Names kHiddenSize = "hidden_size n_embd n_embed d_model model_dim dim";
constexpr Names kVocabulary = "vocab_size n_vocab";
constexpr Names kLayerCount =
    "num_hidden_layers n_layer n_layers num_layers num_transformer_layers";
constexpr Names kHeads = "num_attention_heads n_head n_heads num_heads";
constexpr Names kKvHeads =
    "num_key_value_heads num_kv_heads n_head_kv n_kv_heads multi_query_group_num num_query_groups";
constexpr Names kHeadDim = "head_dim kv_channels attention_head_dim";
constexpr Names kIntermediate =
    "intermediate_size ffn_hidden_size n_inner ffn_dim inner_hidden_size hidden_dim block_ff_dim";
constexpr Names kContext =
    "max_position_embeddings n_positions seq_length max_seq_len max_sequence_length "
    "max_context_length model_max_length context_length n_ctx";
constexpr Names kTied =
    "tie_word_embeddings tie_embedding weight_tying share_input_output_layers tied_embeddings "
    "tie_embeddings";
constexpr Names kDType = "torch_dtype dtype";
constexpr Names kWindow = "sliding_window sliding_window_size";
constexpr Names kLayerTypes = "layer_types";

constexpr Names kExperts = "num_experts num_local_experts n_routed_experts moe_num_experts";
constexpr Names kTopK =
    "num_experts_per_tok num_experts_per_token moe_topk moe_top_k moe_k top_k_experts "
    "experts_per_token";
constexpr Names kExpertIntermediate =
    "moe_intermediate_size expert_ffn_hidden_size expert_intermediate_size expert_hidden_dim";
/// Counts of experts of every token, each as wide as a routed one.
constexpr Names kSharedExperts =
    "n_shared_experts num_shared_experts num_shared_expert moe_num_shared_experts";
constexpr Names kFirstDense = "first_k_dense_replace num_dense_layers moe_layer_start_index";
constexpr Names kMtpLayers =
    "num_nextn_predict_layers mtp_num_hidden_layers num_mtp_modules _num_mtp_layers num_mtp_layers";

}  // namespace key

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_NAMES_H_
