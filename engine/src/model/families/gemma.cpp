// Gemma 1 to 3 (arXiv 2403.08295, 2408.00118, 2503.19786): heads wider than hidden / heads, tied
// embeddings; from 2 on norms around attention and FFN and sliding layers; from 3 on normed queries
// and keys.
#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {
namespace {

GroupedAttention read_attention(ConfigReader& config, const Architecture& architecture,
                                QkNorm qk_norm) {
  GroupedAttention attention = read_grouped_attention(config, architecture, {.qk_norm = qk_norm});
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  return attention;
}

void read_gemma(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_attention(config, architecture, QkNorm::kNone);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

/// Layers of which every period-th attends to everything, and the others to a window.
void add_sliding_layers(ConfigReader& config, Architecture& architecture,
                        GroupedAttention attention, std::int64_t period, std::int64_t norms) {
  const std::int64_t layers = read_layer_count(config);
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  const std::int64_t window = read_window(config, architecture);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool full = types.empty() ? (i + 1) % period == 0
                                    : types[static_cast<std::size_t>(i)] == "full_attention";
    attention.window = full ? 0 : window;
    return decoder_layer(attention, ffn, architecture, Norm::kRms, norms);
  });
}

void read_gemma2(ConfigReader& config, Architecture& architecture) {
  // Even layers slide; no key says so.
  add_sliding_layers(config, architecture, read_attention(config, architecture, QkNorm::kNone), 2,
                     4);
}

void read_vaultgemma(ConfigReader& config, Architecture& architecture) {
  add_sliding_layers(config, architecture, read_attention(config, architecture, QkNorm::kNone), 2,
                     2);
}

void read_gemma3(ConfigReader& config, Architecture& architecture) {
  const std::int64_t period =
      config.integer_or("sliding_window_pattern _sliding_window_pattern", Limits::kLayers, 6);
  add_sliding_layers(config, architecture, read_attention(config, architecture, QkNorm::kPerHead),
                     period, 4);
}

}  // namespace

const Family kGemma = {"gemma", "GemmaForCausalLM", "",
                       R"({"tie_word_embeddings": true, "vocab_size": 256000, "head_dim": 256})",
                       read_gemma};
const Family kGemma2 = {"gemma2", "Gemma2ForCausalLM", "",
                        R"({"tie_word_embeddings": true, "vocab_size": 256000, "head_dim": 256,
                            "sliding_window": 4096})",
                        read_gemma2};
const Family kVaultGemma = {"vaultgemma", "VaultGemmaForCausalLM", "",
                            R"({"tie_word_embeddings": true, "vocab_size": 256000,
                                "head_dim": 256, "sliding_window": 4096})",
                            read_vaultgemma};
// The first releases' text_config leaves out what the class takes for granted.
const Family kGemma3 = {"gemma3",
                        "Gemma3ForCausalLM Gemma3ForConditionalGeneration",
                        "gemma3_text",
                        R"({"tie_word_embeddings": true, "vocab_size": 262208,
                            "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
                            "sliding_window": 4096, "max_position_embeddings": 131072})",
                        read_gemma3,
                        read_gemma3_tower};
const Family kPaliGemma = {"paligemma", "PaliGemmaForConditionalGeneration", "", "{}", nullptr};

}  // namespace tokencast
