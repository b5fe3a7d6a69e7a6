// Falcon 1 and 2, under three model types: attention and a plain FFN in parallel; the first
// generation with one KV head, the second with groups (transformers modeling_falcon.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const bool grouped = config.boolean_or("new_decoder_architecture", false) ||
                       config.text_or("model_type", "") == "RefinedWeb";
  const bool multi_query = config.boolean_or("multi_query", true);
  const bool parallel = config.boolean_or("parallel_attn", true) || grouped;
  const bool bias = config.boolean_or("bias", false);
  GroupedAttention attention = read_grouped_attention(config, architecture, {.multi_head = true});
  // num_kv_heads is as many as heads in configs that were saved again; multi_query decides.
  if (!grouped) attention.kv_heads = multi_query ? 1 : attention.heads;
  attention.qkv_bias = bias;
  attention.output_bias = bias;
  const DenseFfn ffn = {
      config.integer_or(key::kIntermediate, Limits::kIntermediate, 4 * architecture.hidden), bias,
      false};
  std::int64_t norms = parallel ? 1 : 2;
  if (grouped) norms = config.integer_or("num_ln_in_parallel_attn", {1, 2}, 2);
  config.ignore("num_ln_in_parallel_attn");
  architecture.final_norm_elements = norm_elements(Norm::kLayer, architecture.hidden, 1);
  if (config.failed()) return;
  Layer layer = decoder_layer(attention, ffn, architecture, Norm::kLayer, norms);
  layer.parallel = parallel;
  add_layers(architecture, layer, layers);
}

}  // namespace

const Family kFalcon = {"falcon", "FalconForCausalLM RWForCausalLM", "RefinedWeb RefinedWebModel",
                        R"({"tie_word_embeddings": true})", read};

}  // namespace tokencast
