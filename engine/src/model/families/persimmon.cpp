// Persimmon and Fuyu: multi-head attention with biases and normed queries and keys, a plain FFN,
// LayerNorms (transformers modeling_persimmon.py). Fuyu's text_config is a stub: its sizes stand at
// the top.
#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(
      config, architecture, {.qkv_bias = true, .output_bias = true, .multi_head = true});
  if (config.boolean_or("qk_layernorm", true)) {
    attention.qk_norm = QkNorm::kPerHead;
    attention.qk_norm_bias = true;
  }
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate), true, false};
  architecture.final_norm_elements = norm_elements(Norm::kLayer, architecture.hidden, 1);
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture, Norm::kLayer), layers);
}

}  // namespace

const Family kPersimmon = {"persimmon", "PersimmonForCausalLM", "", "{}", read};
const Family kFuyu = {"fuyu", "FuyuForCausalLM", "", "{}", read, read_fuyu_patches};

}  // namespace tokencast
