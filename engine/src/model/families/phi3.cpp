// Phi 3 and 4: Llama's layer without biases, q, k and v in one tensor, gate and up in another
// (transformers modeling_phi3.py).
#include "model/families/families.h"

namespace tokencast {

void read_phi3(ConfigReader& config, Architecture& architecture) {
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

const Family kPhi3 = {"phi3", "Phi3ForCausalLM", "", "{}", read_phi3};
const Family kPhi3V = {"phi3_v", "Phi3VForCausalLM", "", "{}", read_phi3};
// Adapters for images and speech stand beside it in the checkpoint.
const Family kPhi4Multimodal = {"phi4_multimodal", "Phi4MMForCausalLM Phi4MultimodalForCausalLM",
                                "phi4mm", R"({"tie_word_embeddings": true})", read_phi3};

}  // namespace tokencast
