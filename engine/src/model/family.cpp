#include "model/family.h"

#include <algorithm>
#include <optional>

namespace tokencast {
namespace {

/// Returns how many layers layer_types lets slide; nothing when it is absent or wrong, and then the
/// error is kept.
std::optional<std::int64_t> count_sliding(ObjectReader& config, std::int64_t layers) {
  const Json* types = config.find("layer_types");
  if (types == nullptr) return std::nullopt;
  std::int64_t sliding = 0;
  bool known = types->is_array() && types->size() == static_cast<std::size_t>(layers);
  for (std::size_t i = 0; known && i < types->size(); ++i) {
    const bool slides = is_text((*types)[i], "sliding_attention");
    known = slides || is_text((*types)[i], "full_attention");
    sliding += slides ? 1 : 0;
  }
  if (known) return sliding;
  config.fail({"wrong_type",
               config.path_of("layer_types"),
               "layer_types must name full_attention or sliding_attention for each of " +
                   std::to_string(layers) + " layers",
               "paste the config as the model's repository has it",
               {{"field", "layer_types"},
                {"expected", "full_attention or sliding_attention for each layer"}}});
  return std::nullopt;
}

}  // namespace

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {"llama", "LlamaForCausalLM", read_llama},
      {"mistral", "MistralForCausalLM", read_mistral},
      {"qwen2", "Qwen2ForCausalLM", read_qwen2},
      {"qwen3", "Qwen3ForCausalLM", read_qwen3},
      {"mixtral", "MixtralForCausalLM", read_mixtral},
      {"qwen3_moe", "Qwen3MoeForCausalLM", read_qwen3_moe},
      {"deepseek_v3", "DeepseekV3ForCausalLM", read_deepseek_v3},
  };
  return all;
}

GroupedAttention read_grouped_attention(ObjectReader& config, const Architecture& architecture) {
  GroupedAttention attention;
  attention.heads = config.integer("num_attention_heads", Limits::kHeads);
  attention.kv_heads = config.integer_or("num_key_value_heads", Limits::kHeads, attention.heads);
  attention.head_dim = config.integer_or("head_dim", Limits::kHeadDim, 0);
  if (config.failed()) return attention;
  if (attention.heads % attention.kv_heads != 0) {
    config.fail({"inconsistent_config",
                 config.path_of("num_key_value_heads"),
                 std::to_string(attention.heads) + " attention heads cannot share " +
                     std::to_string(attention.kv_heads) + " KV heads evenly",
                 "num_key_value_heads must divide num_attention_heads",
                 {{"reason", "kv_heads"},
                  {"heads", std::to_string(attention.heads)},
                  {"kv_heads", std::to_string(attention.kv_heads)}}});
    return attention;
  }
  if (attention.head_dim == 0) {
    if (architecture.hidden % attention.heads != 0) {
      config.fail({"inconsistent_config",
                   config.path_of("num_attention_heads"),
                   "hidden_size " + std::to_string(architecture.hidden) + " is not a multiple of " +
                       std::to_string(attention.heads) + " heads, and head_dim is not given",
                   "correct num_attention_heads, or add head_dim",
                   {{"reason", "head_dim"},
                    {"hidden_size", std::to_string(architecture.hidden)},
                    {"heads", std::to_string(attention.heads)}}});
      return attention;
    }
    attention.head_dim = architecture.hidden / attention.heads;
  }
  return attention;
}

std::int64_t read_sliding_window(ObjectReader& config, Architecture& architecture) {
  const std::int64_t window = config.integer_or("sliding_window", Limits::kContext, 0);
  if (window == 0) return 0;
  if (architecture.max_context > 0 && window >= architecture.max_context) {
    architecture.notes.push_back(
        {"window_inert",
         "sliding_window " + std::to_string(window) + " is not below the context of " +
             std::to_string(architecture.max_context) + " tokens: it limits nothing",
         {{"window", std::to_string(window)},
          {"context", std::to_string(architecture.max_context)}}});
    return 0;
  }
  return window;
}

void add_layers_with_late_window(ObjectReader& config, Architecture& architecture,
                                 GroupedAttention attention, const Ffn& ffn) {
  const std::int64_t layers = read_layer_count(config);
  std::optional<std::int64_t> sliding_layers = count_sliding(config, layers);
  const bool on = config.boolean_or("use_sliding_window", false);
  if (!sliding_layers && on && !config.failed()) {
    const std::int64_t from = config.integer("max_window_layers", {0, Limits::kLayers.maximum});
    sliding_layers = layers - std::min(layers, from);
  }
  GroupedAttention sliding = attention;
  if (sliding_layers.value_or(0) > 0) {
    if (!config.has("sliding_window")) config.integer("sliding_window", Limits::kContext);
    sliding.window = read_sliding_window(config, architecture);
  }
  const std::int64_t limited = sliding.window > 0 ? sliding_layers.value_or(0) : 0;
  if (limited < layers) architecture.layers.push_back({attention, ffn, layers - limited});
  if (limited > 0) architecture.layers.push_back({sliding, ffn, limited});
}

void refuse_other_layer_types(ObjectReader& config) {
  const Json* types = config.find("layer_types");
  if (types == nullptr) return;
  const bool all_full =
      types->is_array() && std::all_of(types->begin(), types->end(), [](const Json& type) {
        return is_text(type, "full_attention");
      });
  if (all_full) return;
  config.fail({"inconsistent_config",
               config.path_of("layer_types"),
               "layers other than full_attention are not known in this family",
               "paste the config as the model's repository has it",
               {{"reason", "layer_types"}}});
}

std::int64_t read_layer_count(ObjectReader& config) {
  return config.integer("num_hidden_layers", Limits::kLayers);
}

void check_top_k(ObjectReader& config, const std::string& key, const MoeFfn& moe) {
  if (moe.top_k <= moe.experts) return;
  config.fail({"inconsistent_config",
               config.path_of(key),
               "a token cannot go to " + std::to_string(moe.top_k) + " of " +
                   std::to_string(moe.experts) + " experts",
               key + " must be at most the number of experts",
               {{"reason", "top_k"},
                {"top_k", std::to_string(moe.top_k)},
                {"experts", std::to_string(moe.experts)}}});
}

}  // namespace tokencast
