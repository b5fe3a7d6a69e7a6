// Molmo (arXiv 2409.17146): as OLMo with 128 more embedding rows for images; intermediate_size is
// twice the FFN's width, not in Molmo 2.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read_rows(ConfigReader& config, Architecture& architecture) {
  architecture.vocabulary =
      config.integer_or("embedding_size vocab_size", Limits::kVocabulary, architecture.vocabulary);
  architecture.embedding_rows =
      architecture.vocabulary +
      config.integer_or("additional_vocab_size", {0, Limits::kVocabulary.maximum}, 128);
}

void add(ConfigReader& config, Architecture& architecture, const GroupedAttention& attention,
         std::int64_t parts) {
  const std::int64_t layers = read_layer_count(config);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate) / parts};
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

void read(ConfigReader& config, Architecture& architecture) {
  read_rows(config, architecture);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("qkv_bias", false);
  if (config.boolean_or("attention_layer_norm", false)) attention.qk_norm = QkNorm::kFullWidth;
  add(config, architecture, attention, 2);
}

void read_molmo2(ConfigReader& config, Architecture& architecture) {
  read_rows(config, architecture);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("qkv_bias", true);
  if (config.boolean_or("use_qk_norm", false)) {
    const bool per_head = config.text_or("qk_norm_type", "olmo") == "qwen3";
    attention.qk_norm = per_head ? QkNorm::kPerHead : QkNorm::kFullWidth;
  }
  add(config, architecture, attention, 1);
}

}  // namespace

const Family kMolmo = {"molmo", "MolmoForCausalLM", "", "{}", read};
const Family kMolmo2 = {"molmo2", "Molmo2ForConditionalGeneration", "molmo2_text", "{}",
                        read_molmo2};

}  // namespace tokencast
