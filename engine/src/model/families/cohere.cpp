// Command R (Cohere): attention and FFN in parallel behind one LayerNorm without bias, tied;
// Command R7B and A (Cohere 2) slide in three layers of four (transformers modeling_cohere.py,
// modeling_cohere2.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void add(ConfigReader& config, Architecture& architecture, GroupedAttention attention,
         const std::vector<std::int64_t>& windows) {
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, static_cast<std::int64_t>(windows.size()), [&](std::int64_t i) {
    attention.window = windows[static_cast<std::size_t>(i)];
    Layer layer = decoder_layer(attention, ffn, architecture, Norm::kRms, 1);
    layer.parallel = true;
    return layer;
  });
}

void read(ConfigReader& config, Architecture& architecture) {
  const auto layers = static_cast<std::size_t>(read_layer_count(config));
  GroupedAttention attention = read_grouped_attention(config, architecture);
  if (config.boolean_or("use_qk_norm", false)) attention.qk_norm = QkNorm::kFullWidth;
  add(config, architecture, attention, std::vector<std::int64_t>(layers, 0));
}

void read_cohere2(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  const GroupedAttention attention = read_grouped_attention(config, architecture);
  const std::int64_t window = read_window(config, architecture);
  const std::int64_t period =
      config.integer_or("sliding_window_pattern _sliding_window_pattern", Limits::kLayers, 4);
  std::vector<std::int64_t> windows;
  for (std::int64_t i = 0; i < layers; ++i) {
    const bool full = types.empty() ? (i + 1) % period == 0
                                    : types[static_cast<std::size_t>(i)] == "full_attention";
    windows.push_back(full ? 0 : window);
  }
  add(config, architecture, attention, windows);
}

}  // namespace

const Family kCohere = {"cohere", "CohereForCausalLM", "", R"({"tie_word_embeddings": true})",
                        read};
const Family kCohere2 = {"cohere2", "Cohere2ForCausalLM", "",
                         R"({"tie_word_embeddings": true, "sliding_window": 4096})", read_cohere2};
const Family kCohere2Vision = {"cohere2_vision", "Cohere2VisionForConditionalGeneration", "", "{}",
                               nullptr};
const Family kAyaVision = {"aya_vision", "AyaVisionForConditionalGeneration", "", "{}", nullptr};

}  // namespace tokencast
