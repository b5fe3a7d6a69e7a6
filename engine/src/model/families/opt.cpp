// OPT (arXiv 2205.01068): biases everywhere, a plain FFN, LayerNorms, learned positions with two
// rows more than the context; the 350M model embeds in a narrower space and has no final norm.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const bool bias = config.boolean_or("enable_bias", true);
  const GroupedAttention attention = read_grouped_attention(
      config, architecture, {.qkv_bias = bias, .output_bias = bias, .multi_head = true});
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate), bias, false};
  const std::int64_t hidden = architecture.hidden;
  const std::int64_t width = config.integer_or("word_embed_proj_dim", Limits::kHidden, hidden);
  const bool final_norm = config.boolean_or("do_layer_norm_before", true) &&
                          !config.boolean_or("_remove_final_layer_norm", false);
  architecture.final_norm_elements = final_norm ? norm_elements(Norm::kLayer, hidden, 1) : 0;
  config.integer(key::kContext, Limits::kContext);
  if (config.failed()) return;
  const double rows = static_cast<double>(architecture.max_context) + 2;
  architecture.tensors = {
      {"embed_positions", Component::kEmbedding, rows * static_cast<double>(hidden), true, hidden}};
  if (width != hidden) {
    architecture.embedding_dim = width;
    architecture.tensors.push_back({"project_in_out", Component::kOther,
                                    2 * static_cast<double>(width) * static_cast<double>(hidden)});
  }
  add_layers(architecture, decoder_layer(attention, ffn, architecture, Norm::kLayer), layers);
}

}  // namespace

const Family kOpt = {"opt", "OPTForCausalLM", "", R"({"tie_word_embeddings": true})", read};

}  // namespace tokencast
