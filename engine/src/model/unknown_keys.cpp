#include "model/unknown_keys.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"

namespace tokencast {
namespace {

/// Keys that change what is counted, in whatever family: what a misspelled key may have meant.
const std::vector<std::string>& concepts() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    for (const Names& group :
         {key::kHiddenSize, key::kVocabulary, key::kLayerCount, key::kHeads, key::kKvHeads,
          key::kHeadDim, key::kIntermediate, key::kContext, key::kTied, key::kDType, key::kWindow,
          key::kLayerTypes, key::kExperts, key::kTopK, key::kExpertIntermediate,
          key::kSharedExperts, key::kFirstDense, key::kMtpLayers}) {
      for (const std::string_view name : group) names.emplace_back(name);
    }
    for (const char* name : {"kv_lora_rank",
                             "q_lora_rank",
                             "qk_nope_head_dim",
                             "qk_rope_head_dim",
                             "v_head_dim",
                             "attention_bias",
                             "mlp_bias",
                             "attention_chunk_size",
                             "use_sliding_window",
                             "max_window_layers",
                             "sliding_window_pattern",
                             "full_attention_interval",
                             "shared_expert_intermediate_size",
                             "shared_intermediate_size",
                             "decoder_sparse_step",
                             "mlp_only_layers",
                             "moe_layer_freq",
                             "interleave_moe_layer_step",
                             "hybrid_override_pattern",
                             "layers_block_type",
                             "linear_num_key_heads",
                             "linear_num_value_heads",
                             "linear_key_head_dim",
                             "linear_value_head_dim",
                             "mamba_num_heads",
                             "mamba_head_dim",
                             "ssm_state_size",
                             "block_configs",
                             "quantization_config",
                             "num_kv_shared_layers",
                             "multi_query",
                             "text_config",
                             "model_type",
                             "architectures",
                             "global_head_dim",
                             "index_topk",
                             "cross_attention_layers"}) {
      names.emplace_back(name);
    }
    return names;
  }();
  return all;
}

/// Keys that name a part which makes up most of a model. Where a family did not read one, it is not
/// this family, whatever it says.
constexpr Names kMainParts =
    "num_experts num_local_experts n_routed_experts moe_num_experts kv_lora_rank "
    "hybrid_override_pattern layers_block_type block_configs linear_attn_config compress_ratios";
/// Keys that name a smaller part.
constexpr Names kParts = "attn_type_list sparse_attention_config index_topk cross_attention_layers";

bool says_something(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value > 1;
  return !value.empty();
}

constexpr std::array kHarmlessEnds = {
    "_token_id",     "_token_ids", "_token_index",    "_dropout",    "_pdrop",
    "_dropout_prob", "_eps",       "_epsilon",        "_coef",       "_coeff",
    "_std",          "_scale",     "_scaling",        "_multiplier", "_softcapping",
    "_softcap",      "_theta",     "_range",          "_version",    "_factor",
    "_class",        "_penalty",   "_implementation", "_beta",       "_alpha",
    "_id2label",     "_loss",      "_jitter_noise",   "_activation", "_act",
    "_temperature",  "_dtype",     "_norm_topk_prob", "_token",      "_seed",
    "_url",          "_limit",     "_ngram_size"};
constexpr std::array kHarmlessStarts = {
    "//",  // comments that had to be keys
    "#",          "rope_",      "rotary_",      "initializer_",
    "output_",    "torch",      "use_cache",    "_",
    "mup_",       "attn_impl",  "transformers", "tokenizer",
    "time_step_", "router_aux", "num_beam",     "min_length",
    "max_length", "id2label",   "label2id",     "pretraining_tp",
    "summary_",   "embd_",      "scale_",       "logit",
    "image_",     "video_",     "audio_",       "vision_",
    "mm_",        "projector_", "hidden_act",   "activation_function"};
constexpr std::array kHarmless = {"architectures",
                                  "model_type",
                                  "auto_map",
                                  "dtype",
                                  "norm_topk_prob",
                                  "scoring_func",
                                  "score_function",
                                  "topk_group",
                                  "n_group",
                                  "topk_method",
                                  "routed_scaling_factor",
                                  "chunk_size_feed_forward",
                                  "is_decoder",
                                  "add_cross_attention",
                                  "tie_encoder_decoder",
                                  "bos_token",
                                  "eos_token",
                                  "pad_token",
                                  "top_k",
                                  "top_p",
                                  "temperature",
                                  "typical_p",
                                  "do_sample",
                                  "early_stopping",
                                  "num_return_sequences",
                                  "return_dict",
                                  "prefix",
                                  "problem_type",
                                  "pruned_heads",
                                  "remove_invalid_values",
                                  "task_specific_params",
                                  "finetuning_task",
                                  "diversity_penalty",
                                  "suppress_tokens",
                                  "begin_suppress_tokens",
                                  "bad_words_ids",
                                  "forced_decoder_ids",
                                  "attn_logit_softcapping",
                                  "query_pre_attn_scalar",
                                  "is_encoder_decoder",
                                  "gradient_checkpointing",
                                  "cache_implementation",
                                  "bf16",
                                  "fp16",
                                  "fp32",
                                  "name",
                                  "norm_type",
                                  "position_embedding_type",
                                  "layer_norm_elementwise_affine",
                                  "partial_rotary_factor",
                                  "use_flash_attn",
                                  "ep_size",
                                  "seq_aux",
                                  "license",
                                  "ignore_index",
                                  "alibi"};

/// Whether a key changes nothing that is counted: generation, training, positions, identifiers.
bool is_harmless(const std::string& key) {
  const auto starts = [&key](std::string_view start) { return key.starts_with(start); };
  const auto ends = [&key](std::string_view end) {
    return key.size() >= end.size() && key.compare(key.size() - end.size(), end.size(), end) == 0;
  };
  return std::find(kHarmless.begin(), kHarmless.end(), key) != kHarmless.end() ||
         std::any_of(kHarmlessStarts.begin(), kHarmlessStarts.end(), starts) ||
         std::any_of(kHarmlessEnds.begin(), kHarmlessEnds.end(), ends);
}

/// The known key that another is a misspelling of; empty when none is near enough.
std::string meant(const std::string& key) {
  constexpr std::size_t kShortest = 6;  // shorter words are near to too many
  if (key.size() < kShortest) return "";
  const auto& known = concepts();
  if (std::find(known.begin(), known.end(), key) != known.end()) return "";
  return nearest_within(key, known, key.size() > 12 ? 3 : 1);
}

void note_misspelling(ConfigReader& config, const ConfigReader::Member& member,
                      const std::string& near) {
  config.note("unknown_field",
              in_quotes(member.key) + " is not a known field: did you mean " + in_quotes(near) +
                  "? It is ignored",
              {{"field", member.key}, {"nearest", near}, {"path", member.path}});
}

Error not_understood(const Route& route, const std::vector<std::string>& keys,
                     const std::string& path) {
  const std::string name =
      route.class_name.empty() ? std::string("The model") : in_quotes(route.class_name);
  return {"unsupported_architecture",
          path,
          name + " is not a known family, and these keys of it are not understood: " + joined(keys),
          "if they change neither layers nor sizes, remove them: it is then computed as a generic "
          "decoder",
          {{"found", route.class_name}, {"keys", joined(keys)}}};
}

}  // namespace

/// A dense family with experts, or one with K and V per head that states a latent rank.
Error another_family(const Route& route, const ConfigReader::Member& member) {
  const std::string family(route.family->name);
  return {"unsupported_architecture",
          member.path,
          in_quotes(member.key) + " is not a part of the family " + family +
              " as it is known: the model would be counted without it",
          "check architectures and model_type: they name another family than the other keys",
          {{"found", route.class_name}, {"keys", member.key}, {"family", family}}};
}

void check_unread_keys(const Route& route, ConfigReader& config) {
  constexpr std::size_t kMostNamed = 6;
  constexpr std::size_t kMostChecked = 500;
  std::vector<std::string> unknown;
  std::string first_path;
  std::size_t checked = 0;
  for (const ConfigReader::Member& member : config.unread()) {
    if (kMainParts.holds(member.key) && says_something(*member.value)) {
      config.fail(another_family(route, member));
      return;
    }
    if (kParts.holds(member.key) && says_something(*member.value)) {
      config.note("part_not_counted",
                  in_quotes(member.key) + " is not a part of the family " +
                      std::string(route.family->name) + " as it is known: it is not counted",
                  {{"field", member.key}, {"family", std::string(route.family->name)}});
      continue;
    }
    if (is_harmless(member.key) || ++checked > kMostChecked) continue;
    // A name that the config has already is not what another was meant to be.
    std::string near = meant(member.key);
    if (!near.empty() && config.has(near)) near.clear();
    if (!near.empty()) note_misspelling(config, member, near);
    if (route.family != &kGenericDecoder || !near.empty() || member.value->is_boolean()) continue;
    if (unknown.empty()) first_path = member.path;
    unknown.push_back(member.key);
  }
  if (unknown.empty()) return;
  if (unknown.size() > kMostNamed) {
    const std::string more = std::to_string(unknown.size() - kMostNamed);
    unknown.resize(kMostNamed);
    unknown.push_back("and " + more + " more");
  }
  config.fail(not_understood(route, unknown, first_path));
}

}  // namespace tokencast
