// Llama's layer with one thing changed: a default, an activation that takes no gate, a norm more.
#include "model/families/families.h"

namespace tokencast {
namespace {

/// What a family changes in Llama's layer.
struct Change {
  bool gated = true;
  Norm norm = Norm::kRms;
  std::int64_t norms = 2;
  QkNorm qk_norm = QkNorm::kNone;
  bool qkv_bias = false, output_bias = false, mlp_bias = false;
  std::int64_t other_elements = 0;
};

void add(ConfigReader& config, Architecture& architecture, const Change& change) {
  const std::int64_t layers = read_layer_count(config);
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  GroupedAttention attention = read_grouped_attention(
      config, architecture,
      {.qkv_bias = change.qkv_bias, .output_bias = change.output_bias, .qk_norm = change.qk_norm});
  const std::int64_t window = types.empty() ? 0 : read_window(config, architecture);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate), change.mlp_bias,
                        change.gated};
  architecture.final_norm_elements = norm_elements(change.norm, architecture.hidden, 1);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool slides = !types.empty() && types[static_cast<std::size_t>(i)] == "sliding_attention";
    attention.window = slides ? window : 0;
    Layer layer = decoder_layer(attention, ffn, architecture, change.norm, change.norms);
    layer.other_elements = change.other_elements;
    return layer;
  });
}

/// attention_bias and mlp_bias as in Llama.
Change with_biases(ConfigReader& config, bool by_default = false) {
  Change change;
  change.qkv_bias = change.output_bias = config.boolean_or("attention_bias", by_default);
  change.mlp_bias = config.boolean_or("mlp_bias", by_default);
  return change;
}

/// Every fourth layer has no rotary positions: nothing that is counted.
void read_smollm3(ConfigReader& config, Architecture& architecture) {
  config.ignore("no_rope_layers");
  config.ignore(key::kWindow);
  config.ignore("use_sliding_window");
  config.ignore("max_window_layers");
  add(config, architecture, with_biases(config));
}

/// A bias of q, k and v, and one of its own for the output.
void read_seed_oss(ConfigReader& config, Architecture& architecture) {
  Change change;
  change.qkv_bias = config.boolean_or("attention_bias", true);
  change.output_bias = config.boolean_or("attention_out_bias", false);
  change.mlp_bias = config.boolean_or("mlp_bias", false);
  add(config, architecture, change);
}

/// Nemotron 4 and Minitron: LayerNorms, squared ReLU.
void read_nemotron(ConfigReader& config, Architecture& architecture) {
  Change change = with_biases(config);
  change.norm = Norm::kLayer;
  change.gated = false;
  add(config, architecture, change);
}

/// AFM: squared ReLU.
void read_arcee(ConfigReader& config, Architecture& architecture) {
  Change change = with_biases(config);
  change.gated = false;
  add(config, architecture, change);
}

/// xIELU, whose two parameters are learned in each layer.
void read_apertus(ConfigReader& config, Architecture& architecture) {
  Change change = with_biases(config);
  change.gated = false;
  change.qk_norm = QkNorm::kPerHead;
  change.other_elements = 2;
  add(config, architecture, change);
}

void read_jais2(ConfigReader& config, Architecture& architecture) {
  Change change = with_biases(config, true);
  change.norm = Norm::kLayer;
  change.gated = false;
  add(config, architecture, change);
}

/// Granite scales what Llama does not: nothing that is counted.
void read_granite(ConfigReader& config, Architecture& architecture) {
  add(config, architecture, with_biases(config));
}

/// The output projection has no bias even where the others do.
void read_helium(ConfigReader& config, Architecture& architecture) {
  Change change;
  change.qkv_bias = config.boolean_or("attention_bias", false);
  add(config, architecture, change);
}

/// A bias of the output projections of attention and FFN only.
void read_telechat(ConfigReader& config, Architecture& architecture) {
  Change change;
  change.output_bias = true;
  change.other_elements = architecture.hidden;
  add(config, architecture, change);
}

/// Norms before the output projections of attention and FFN; ternary weights.
void read_bitnet(ConfigReader& config, Architecture& architecture) {
  Change change;
  change.other_elements =
      architecture.hidden + config.integer(key::kIntermediate, Limits::kIntermediate);
  add(config, architecture, change);
}

}  // namespace

const Family kSmolLm3 = {"smollm3", "SmolLM3ForCausalLM", "",
                         R"({"tie_word_embeddings": true, "num_key_value_heads": 4})",
                         read_smollm3};
const Family kSeedOss = {"seed_oss", "SeedOssForCausalLM", "", R"({"head_dim": 128})",
                         read_seed_oss};
const Family kNemotron = {"nemotron", "NemotronForCausalLM", "", "{}", read_nemotron};
const Family kArcee = {"arcee", "ArceeForCausalLM", "", "{}", read_arcee};
const Family kApertus = {"apertus", "ApertusForCausalLM", "", "{}", read_apertus};
const Family kJais2 = {"jais2", "Jais2ForCausalLM", "", "{}", read_jais2};
const Family kGranite = {"granite", "GraniteForCausalLM", "", R"({"tie_word_embeddings": false})",
                         read_granite};
const Family kHelium = {"helium", "HeliumForCausalLM", "", R"({"head_dim": 128})", read_helium};
const Family kTeleChat = {"telechat", "TeleChatForCausalLM TeleChat2ForCausalLM TELECHAT",
                          "telechat2", "{}", read_telechat};
const Family kTeleChat3 = {"telechat3", "TeleChat3ForCausalLM", "", "{}", read_granite};
const Family kCwm = {"cwm", "CwmForCausalLM", "", "{}", read_granite};
const Family kIQuestCoder = {"iquestcoder", "IQuestCoderForCausalLM", "", "{}", read_granite};
const Family kBitNet = {"bitnet", "BitNetForCausalLM", "", R"({"tie_word_embeddings": true})",
                        read_bitnet};

}  // namespace tokencast
