// Step-3 (arXiv 2507.19427): queries of all heads are unfolded from one shared vector, one KV head.
// Step-3.5 and 3.7: grouped attention, with more query heads in the layers that slide, and a gate
// for each head.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "model/families/families.h"

namespace tokencast {
namespace {

/// Layers with experts: moe_layers_enum lists them in a text, "4,5,6"; else all but the first ones.
std::vector<bool> read_enumerated(ConfigReader& config, std::int64_t layers, std::int64_t dense) {
  const std::string text = config.text_or("moe_layers_enum", "");
  std::vector<bool> sparse(static_cast<std::size_t>(layers));
  if (text.empty()) {
    const std::int64_t first = config.integer_or(key::kFirstDense, Limits::kCount, dense);
    for (std::int64_t i = first; i < layers; ++i) sparse[static_cast<std::size_t>(i)] = true;
    return sparse;
  }
  std::size_t number = 0;
  bool digits = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c >= '0' && c <= '9' && number < sparse.size()) {
      number = number * 10 + static_cast<std::size_t>(c - '0');
      digits = true;
    } else if (c == ',') {
      if (digits && number < sparse.size()) sparse[number] = true;
      number = 0;
      digits = false;
    } else if (c != ' ') {
      config.contradiction(
          "moe_layers_enum", "layer_list",
          "moe_layers_enum " + in_quotes(text) + " is not a list of layer numbers",
          "write numbers from 0 to " + std::to_string(layers - 1) + ", separated by commas",
          {{"field", "moe_layers_enum"}, {"found", text}});
      return sparse;
    }
  }
  return sparse;
}

MoeFfn read_step_moe(ConfigReader& config, bool correction_bias) {
  MoeFfn moe = read_moe(config);
  moe.shared_intermediate = config.integer_or("share_expert_dim share_expert_dims",
                                              Limits::kIntermediate, moe.intermediate);
  moe.correction_bias = config.boolean_or("use_moe_router_bias", correction_bias);
  return moe;
}

void read_step3(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention;
  attention.heads = config.integer(key::kHeads, Limits::kHeads);
  attention.kv_heads =
      config.integer_or("num_attention_groups num_key_value_heads", Limits::kHeads, 1);
  check_kv_heads(config, "num_attention_groups num_key_value_heads", attention.heads,
                 attention.kv_heads);
  attention.head_dim = config.integer(key::kHeadDim, Limits::kHeadDim);
  attention.q_lora_rank = config.integer("share_q_dim", Limits::kRank);
  const MoeFfn moe = read_step_moe(config, false);
  const std::vector<bool> sparse = read_enumerated(config, layers, 1);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool experts = sparse[static_cast<std::size_t>(i)];
    return decoder_layer(attention, experts ? Ffn(moe) : Ffn(dense), architecture);
  });
}

void read_step35(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  GroupedAttention full;
  full.heads = config.integer(key::kHeads, Limits::kHeads);
  full.kv_heads = config.integer("num_attention_groups num_key_value_heads", Limits::kHeads);
  check_kv_heads(config, "num_attention_groups num_key_value_heads", full.heads, full.kv_heads);
  full.head_dim = config.integer(key::kHeadDim, Limits::kHeadDim);
  full.qk_norm = QkNorm::kPerHead;
  if (config.boolean_or("use_head_wise_attn_gate", true)) full.gate = OutputGate::kHead;
  ConfigReader other = config.object("attention_other_setting");
  GroupedAttention sliding = full;
  // Configs that were flattened have lost the setting: the models have 96 for 64.
  sliding.heads = other.integer_or("num_attention_heads", Limits::kHeads, full.heads / 2 * 3);
  sliding.kv_heads = other.integer_or("num_attention_groups", Limits::kHeads, full.kv_heads);
  check_kv_heads(other, "num_attention_groups", sliding.heads, sliding.kv_heads);
  sliding.head_dim = other.integer_or("head_dim", Limits::kHeadDim, full.head_dim);
  sliding.window = read_window(config, architecture);
  const MoeFfn moe = read_step_moe(config, true);
  const std::vector<bool> sparse = read_enumerated(config, layers, 3);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  const std::int64_t mtp = read_mtp_count(config);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    const bool slides = !types.empty() && types[layer] == "sliding_attention";
    return decoder_layer(slides ? sliding : full, sparse[layer] ? Ffn(moe) : Ffn(dense),
                         architecture);
  });
  add_mtp_layers(architecture, decoder_layer(sliding, dense, architecture), mtp);
  architecture.mtp_table_copies = static_cast<double>(mtp);
}

}  // namespace

const Family kStep3 = {"step3", "Step3VLForConditionalGeneration Step3TextForCausalLM",
                       "step3_vl step3_text", "{}", read_step3};
const Family kStep35 = {
    "step3p5", "Step3p5ForCausalLM Step3p7FlashForCausalLM Step3p7ForConditionalGeneration",
    "step3p7", "{}", read_step35};

}  // namespace tokencast
