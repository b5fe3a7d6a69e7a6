// BLOOM (arXiv 2211.05100): biases everywhere, a plain FFN of four times the width, LayerNorms, one
// of them behind the embedding, ALiBi.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_grouped_attention(
      config, architecture, {.qkv_bias = true, .output_bias = true, .multi_head = true});
  const DenseFfn ffn = {4 * architecture.hidden, true, false};
  const std::int64_t norm = norm_elements(Norm::kLayer, architecture.hidden, 1);
  architecture.final_norm_elements = norm;
  if (config.failed()) return;
  architecture.tensors = {
      {"word_embeddings_layernorm", Component::kNorms, static_cast<double>(norm)}};
  add_layers(architecture, decoder_layer(attention, ffn, architecture, Norm::kLayer), layers);
}

}  // namespace

const Family kBloom = {"bloom", "BloomForCausalLM", "", R"({"tie_word_embeddings": true})", read};

}  // namespace tokencast
