// GPT-2 and what kept its form: biases everywhere, a plain FFN, LayerNorms, learned positions,
// tied. GPTBigCode (StarCoder) has one KV head; Jais a gated FFN and ALiBi.
#include "model/families/families.h"

namespace tokencast {
namespace {

void add(ConfigReader& config, Architecture& architecture, GroupedAttention attention, bool gated,
         bool positions) {
  const std::int64_t layers = read_layer_count(config);
  const DenseFfn ffn = {
      config.integer_or(key::kIntermediate, Limits::kIntermediate, 4 * architecture.hidden), true,
      gated};
  const std::int64_t hidden = architecture.hidden;
  architecture.final_norm_elements = norm_elements(Norm::kLayer, hidden, 1);
  if (positions) config.integer(key::kContext, Limits::kContext);
  if (config.failed()) return;
  if (positions) {
    architecture.tensors = {
        {"wpe", Component::kEmbedding,
         static_cast<double>(architecture.max_context) * static_cast<double>(hidden), true,
         hidden}};
  }
  add_layers(architecture, decoder_layer(attention, ffn, architecture, Norm::kLayer), layers);
}

GroupedAttention read_attention(ConfigReader& config, const Architecture& architecture) {
  return read_grouped_attention(config, architecture,
                                {.qkv_bias = true, .output_bias = true, .multi_head = true});
}

void read(ConfigReader& config, Architecture& architecture) {
  add(config, architecture, read_attention(config, architecture), false, true);
}

void read_bigcode(ConfigReader& config, Architecture& architecture) {
  GroupedAttention attention = read_attention(config, architecture);
  if (config.boolean_or("multi_query", true)) attention.kv_heads = 1;
  add(config, architecture, attention, false, true);
}

void read_jais(ConfigReader& config, Architecture& architecture) {
  const bool gated = config.text_or("activation_function", "swiglu") == "swiglu";
  const bool positions = config.text_or("position_embedding_type", "alibi") == "learned";
  add(config, architecture, read_attention(config, architecture), gated, positions);
}

}  // namespace

constexpr const char* kTiedByDefault = R"({"tie_word_embeddings": true})";
const Family kGpt2 = {"gpt2", "GPT2LMHeadModel", "", kTiedByDefault, read};
const Family kGptBigCode = {"gpt_bigcode", "GPTBigCodeForCausalLM GPTBigCodeLMHeadModel", "",
                            kTiedByDefault, read_bigcode};
const Family kJais = {"jais", "JAISLMHeadModel", "", kTiedByDefault, read_jais};

}  // namespace tokencast
