// ChatGLM in its own code. Version 1 is a GPT with LayerNorms and a plain FFN; 2, 3 and GLM-4-9B
// are grouped attention and a gated FFN. All call themselves chatglm: padded_vocab_size tells them
// apart.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read_version1(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_grouped_attention(
      config, architecture, {.qkv_bias = true, .output_bias = true, .multi_head = true});
  const std::int64_t width =
      config.integer_or(key::kIntermediate, Limits::kIntermediate, 4 * architecture.hidden);
  const DenseFfn ffn = {width, /*bias=*/true, /*gated=*/false};
  architecture.tied_embeddings = config.boolean_or(key::kTied, true);
  architecture.final_norm_elements = norm_elements(Norm::kLayer, architecture.hidden, 1);
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture, Norm::kLayer), layers);
}

void read(ConfigReader& config, Architecture& architecture) {
  if (!config.has("padded_vocab_size")) {
    read_version1(config, architecture);
    return;
  }
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture, {.multi_head = true});
  const bool grouped = config.boolean_or("multi_query_attention", false);
  if (!grouped) attention.kv_heads = attention.heads;
  const bool bias = config.boolean_or("add_bias_linear", false);
  attention.qkv_bias = config.boolean_or("add_qkv_bias", false) || bias;
  attention.output_bias = bias;
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate), bias};
  // The head is stored apart, whatever tie_word_embeddings says.
  architecture.tied_embeddings = false;
  if (!config.boolean_or("post_layer_norm", true)) architecture.final_norm_elements = 0;
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

}  // namespace

const Family kChatGlm = {
    "chatglm", "ChatGLMModel ChatGLMForConditionalGeneration ChatGLMForCausalLM", "", "{}", read};

}  // namespace tokencast
