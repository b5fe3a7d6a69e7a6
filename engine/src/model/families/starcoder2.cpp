// StarCoder 2: biases everywhere, a plain FFN, LayerNorms, a window on every layer, tied
// (transformers modeling_starcoder2.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const bool bias = config.boolean_or("use_bias", true);
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qkv_bias = bias, .output_bias = bias});
  attention.window = read_window(config, architecture);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate), bias, false};
  architecture.final_norm_elements = norm_elements(Norm::kLayer, architecture.hidden, 1);
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture, Norm::kLayer), layers);
}

}  // namespace

const Family kStarCoder2 = {"starcoder2", "Starcoder2ForCausalLM", "",
                            R"({"tie_word_embeddings": true})", read};

}  // namespace tokencast
