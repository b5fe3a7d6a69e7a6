// Gemma 3n: a small embedding for each layer, residual streams that are mixed (AltUp, arXiv
// 2301.13310), a low-rank path beside attention (Laurel), and last layers that share the K and V of
// earlier ones (transformers modeling_gemma3n.py).
#include <algorithm>

#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  const std::int64_t window = read_window(config, architecture);
  const std::int64_t shared = config.integer("num_kv_shared_layers", Limits::kCount);
  const auto intermediate =
      config.has(key::kIntermediate)
          ? config.per_layer(key::kIntermediate, Limits::kIntermediate, layers, 1)
          : std::vector<std::int64_t>(static_cast<std::size_t>(layers),
                                      config.integer(key::kIntermediate, Limits::kIntermediate));
  const std::int64_t streams = config.integer("altup_num_inputs", {1, 64});
  const std::int64_t laurel = config.integer("laurel_rank", Limits::kRank);
  const std::int64_t small = config.integer("hidden_size_per_layer_input", Limits::kHidden);
  const std::int64_t rows = config.integer("vocab_size_per_layer_input", Limits::kVocabulary);
  if (config.failed()) return;

  const std::int64_t hidden = architecture.hidden;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    const bool full = types.empty() ? (i + 1) % 5 == 0 : types[layer] == "full_attention";
    attention.window = full ? 0 : window;
    // Layers that share keep their own projections in the checkpoint, unused.
    attention.reuses_kv = i >= layers - shared;
    Layer result =
        decoder_layer(attention, DenseFfn{intermediate[layer]}, architecture, Norm::kRms, 4);
    // AltUp's scale and router, its mixing of streams, the norms of Laurel and of the small
    // embedding.
    result.norm_elements += 3 * hidden;
    result.other_elements =
        hidden + streams * streams + streams * streams * streams + hidden * streams;
    result.linears = {
        {"laurel.linear_left", Component::kOther, hidden, laurel, Sharding::kReplicated},
        {"laurel.linear_right", Component::kOther, laurel, hidden, Sharding::kReplicated},
        {"per_layer_input_gate", Component::kOther, hidden, small, Sharding::kReplicated},
        {"per_layer_projection", Component::kOther, small, hidden, Sharding::kReplicated}};
    return result;
  });
  const auto as_double = [](std::int64_t value) { return static_cast<double>(value); };
  architecture.tensors = {{"embed_tokens_per_layer", Component::kOther,
                           as_double(rows) * as_double(layers * small), true, layers * small},
                          {"per_layer_model_projection", Component::kOther,
                           as_double(hidden) * as_double(layers * small)},
                          {"per_layer_projection_norm", Component::kNorms, as_double(small)},
                          {"altup_projections", Component::kOther,
                           2 * as_double(streams - 1) * as_double(hidden) * as_double(hidden)}};
}

}  // namespace

const Family kGemma3n = {
    "gemma3n", "Gemma3nForConditionalGeneration Gemma3nForCausalLM", "gemma3n_text",
    R"({"tie_word_embeddings": true, "vocab_size": 262400, "num_attention_heads": 8,
        "num_key_value_heads": 2, "head_dim": 256, "intermediate_size": 16384,
        "num_kv_shared_layers": 15, "sliding_window": 512, "altup_num_inputs": 4,
        "laurel_rank": 64, "hidden_size_per_layer_input": 256,
        "vocab_size_per_layer_input": 262144})",
    read};

}  // namespace tokencast
