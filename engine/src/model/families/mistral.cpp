// Mistral 7B, Nemo, Small, Large, Ministral 3: Llama's layers without biases; sliding window on
// every layer in the first release.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  GroupedAttention attention = read_grouped_attention(config, architecture);
  const std::int64_t window = read_window(config, architecture);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool slides = types.empty() || types[static_cast<std::size_t>(i)] == "sliding_attention";
    attention.window = slides ? window : 0;
    return decoder_layer(attention, ffn, architecture);
  });
}

}  // namespace

const Family kMistral = {
    "mistral",
    "MistralForCausalLM",
    "",
    R"({"num_key_value_heads": 8})",
    read,
    nullptr,
    R"({"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
        "intermediate_size": 14336, "vocab_size": 32000, "max_position_embeddings": 131072})"};
const Family kMinistral3 = {"ministral3", "Ministral3ForCausalLM MinistralForCausalLM", "ministral",
                            "{}", read};

}  // namespace tokencast
