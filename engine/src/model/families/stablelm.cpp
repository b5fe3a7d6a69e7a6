// StableLM 3B and 2: LayerNorms, options for biases, normed heads and a parallel residual
// (transformers modeling_stablelm.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("use_qkv_bias", false);
  // A LayerNorm without bias for each head of its own: as many elements as the whole width.
  if (config.boolean_or("qk_layernorm", false)) attention.qk_norm = QkNorm::kFullWidth;
  const bool parallel = config.boolean_or("use_parallel_residual", false);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  architecture.final_norm_elements = norm_elements(Norm::kLayer, architecture.hidden, 1);
  if (config.failed()) return;
  Layer layer = decoder_layer(attention, ffn, architecture, Norm::kLayer, parallel ? 1 : 2);
  layer.parallel = parallel;
  add_layers(architecture, layer, layers);
}

}  // namespace

const Family kStableLm = {"stablelm", "StableLmForCausalLM StableLMEpochForCausalLM",
                          "stablelm_epoch", "{}", read};

}  // namespace tokencast
