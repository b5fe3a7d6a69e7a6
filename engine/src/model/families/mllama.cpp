// Llama 3.2 Vision: Llama with layers that attend to image tokens instead of text; the embedding
// table has 8 rows more than the head (transformers modeling_mllama.py).
#include <algorithm>

#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_grouped_attention(config, architecture);
  const auto cross_layers =
      config.integers("cross_attention_layers", {0, static_cast<double>(layers) - 1});
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  architecture.embedding_rows = architecture.vocabulary + 8;
  if (config.failed()) return;
  GroupedAttention cross = attention;
  cross.cross = true;
  cross.qk_norm = QkNorm::kPerHead;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool to_images =
        std::find(cross_layers.begin(), cross_layers.end(), i) != cross_layers.end();
    Layer layer = decoder_layer(to_images ? cross : attention, ffn, architecture);
    if (to_images) layer.other_elements = 2;  // gates of attention and FFN
    return layer;
  });
}

}  // namespace

const Family kMllama = {"mllama",
                        "MllamaForConditionalGeneration MllamaForCausalLM",
                        "mllama_text_model",
                        R"({"num_key_value_heads": 8})",
                        read,
                        read_mllama_tower};

}  // namespace tokencast
