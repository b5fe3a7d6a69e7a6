// Qwen 2 and 2.5: q, k and v always have a bias, which the config does not say (transformers
// modeling_qwen2.py).
#include <algorithm>

#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {

std::vector<bool> read_late_window(ConfigReader& config, std::int64_t layers) {
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  const bool on = config.boolean_or("use_sliding_window", false);
  std::vector<bool> slides(static_cast<std::size_t>(layers));
  if (!types.empty()) {
    for (std::size_t i = 0; i < slides.size(); ++i) slides[i] = types[i] == "sliding_attention";
    return slides;
  }
  if (!on || config.failed()) {
    config.ignore("max_window_layers");
    config.ignore(key::kWindow);
    return slides;
  }
  const std::int64_t from = config.integer("max_window_layers", Limits::kCount);
  for (std::int64_t i = std::min(from, layers); i < layers; ++i) {
    slides[static_cast<std::size_t>(i)] = true;
  }
  return slides;
}

namespace {

/// Returns the window of the layers that slide, which must be given when there are any.
std::int64_t window_of_slides(ConfigReader& config, const Architecture& architecture,
                              const std::vector<bool>& slides) {
  const bool any = std::find(slides.begin(), slides.end(), true) != slides.end();
  if (!any) return 0;
  if (!config.has(key::kWindow)) config.integer(key::kWindow, Limits::kContext);
  return read_window(config, architecture);
}

void add_qwen_layers(ConfigReader& config, Architecture& architecture, GroupedAttention attention) {
  const std::int64_t layers = read_layer_count(config);
  const std::vector<bool> slides = read_late_window(config, layers);
  const std::int64_t window = window_of_slides(config, architecture, slides);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    attention.window = slides[static_cast<std::size_t>(i)] ? window : 0;
    return decoder_layer(attention, ffn, architecture);
  });
}

/// MiMo-7B is Qwen 2 with a multi-token-prediction layer.
void read_mimo(ConfigReader& config, Architecture& architecture) {
  read_qwen2(config, architecture);
  if (config.failed()) return;
  add_mtp_layers(architecture, architecture.layers.back().layer, read_mtp_count(config));
}

}  // namespace

void read_qwen2(ConfigReader& config, Architecture& architecture) {
  add_qwen_layers(config, architecture,
                  read_grouped_attention(config, architecture, {.qkv_bias = true}));
}

// Qwen 3: no biases by default, RMSNorm over each head's q and k (transformers modeling_qwen3.py).
void read_qwen3(ConfigReader& config, Architecture& architecture) {
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  add_qwen_layers(config, architecture, attention);
}

const Family kQwen2 = {"qwen2", "Qwen2ForCausalLM", "", "{}", read_qwen2};
const Family kQwen2Vl = {"qwen2_vl",      "Qwen2VLForConditionalGeneration",
                         "qwen2_vl_text", "{}",
                         read_qwen2,      read_qwen2_vl_tower};
const Family kQwen25Vl = {"qwen2_5_vl",      "Qwen2_5_VLForConditionalGeneration",
                          "qwen2_5_vl_text", "{}",
                          read_qwen2,        read_qwen2_5_vl_tower};
const Family kQwen25Omni = {"qwen2_5_omni",
                            "Qwen2_5OmniModel Qwen2_5OmniForConditionalGeneration "
                            "Qwen2_5OmniThinkerForConditionalGeneration",
                            "qwen2_5_omni_text qwen2_5_omni_thinker", "{}", read_qwen2};
const Family kMimo = {"mimo", "MiMoForCausalLM", "", "{}", read_mimo};
const Family kQwen3 = {"qwen3", "Qwen3ForCausalLM", "", R"({"head_dim": 128})", read_qwen3};
const Family kQwen3Vl = {"qwen3_vl",      "Qwen3VLForConditionalGeneration",
                         "qwen3_vl_text", R"({"head_dim": 128})",
                         read_qwen3,      read_qwen3_vl_tower};
// A Qwen 3 behind an image encoder of its own.
const Family kLogics = {"logics", "LogicsForConditionalGeneration", "", "{}", read_qwen3};

}  // namespace tokencast
