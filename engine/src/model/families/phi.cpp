// Phi 1, 1.5 and 2, under three model types: attention and FFN in parallel behind one LayerNorm, a
// plain FFN, biases everywhere, the head included (transformers modeling_phi.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(
      config, architecture, {.qkv_bias = true, .output_bias = true, .multi_head = true});
  if (config.boolean_or("qk_layernorm", false)) {
    attention.qk_norm = QkNorm::kPerHead;
    attention.qk_norm_bias = true;
  }
  const DenseFfn ffn = {
      config.integer_or(key::kIntermediate, Limits::kIntermediate, 4 * architecture.hidden),
      /*bias=*/true, /*gated=*/false};
  config.ignore("architecture");  // of attention and FFN blocks in the first form
  architecture.head_bias = true;
  architecture.final_norm_elements = norm_elements(Norm::kLayer, architecture.hidden, 1);
  if (config.failed()) return;
  Layer layer = decoder_layer(attention, ffn, architecture, Norm::kLayer, 1);
  layer.parallel = true;
  add_layers(architecture, layer, layers);
}

}  // namespace

const Family kPhi = {"phi", "PhiForCausalLM MixFormerSequentialForCausalLM",
                     "phi-msft mixformer-sequential", "{}", read};

}  // namespace tokencast
