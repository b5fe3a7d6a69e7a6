// MPT: a plain FFN of expansion_ratio times the width, LayerNorms without biases, ALiBi; options in
// attn_config (transformers modeling_mpt.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const bool bias = !config.boolean_or("no_bias", true);
  ConfigReader attn = config.object("attn_config");
  GroupedAttention attention = read_grouped_attention(
      config, architecture, {.qkv_bias = bias, .output_bias = bias, .multi_head = true});
  const bool multi_query =
      attn.text_or("attn_type", "multihead_attention") == "multiquery_attention";
  attention.kv_heads =
      attn.integer_or("kv_n_heads", Limits::kHeads, multi_query ? 1 : attention.kv_heads);
  check_kv_heads(attn, "kv_n_heads", attention.heads, attention.kv_heads);
  if (attn.boolean_or("qk_ln", false)) attention.qk_norm = QkNorm::kFullWidth;
  const std::int64_t ratio = config.integer_or("expansion_ratio", {1, 64}, 4);
  const DenseFfn ffn = {ratio * architecture.hidden, bias, false};
  const Norm norm = bias ? Norm::kLayer : Norm::kRms;  // in elements: with a bias or without
  architecture.final_norm_elements = norm_elements(norm, architecture.hidden, 1);
  const bool positions =
      !attn.boolean_or("alibi", true) && config.boolean_or("learned_pos_emb", true);
  if (config.failed()) return;
  if (positions) {
    architecture.tensors = {
        {"wpe", Component::kEmbedding,
         static_cast<double>(architecture.max_context) * static_cast<double>(architecture.hidden),
         true, architecture.hidden}};
  }
  add_layers(architecture, decoder_layer(attention, ffn, architecture, norm), layers);
}

}  // namespace

const Family kMpt = {"mpt", "MPTForCausalLM MptForCausalLM", "", R"({"tie_word_embeddings": true})",
                     read};

}  // namespace tokencast
