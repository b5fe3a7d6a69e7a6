// The decoder that most families are, for one that is not known: layers of a norm, attention, a
// norm and a gated FFN, with what the config's keys say. What they do not say is taken as Llama has
// it.
#include <algorithm>

#include "model/families/families.h"

namespace tokencast {
namespace {

Mixer read_mixer(ConfigReader& config, const Architecture& architecture) {
  if (config.has("kv_lora_rank") && config.boolean_or("use_mla", true)) {
    return read_latent_attention(config);
  }
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias =
      config.boolean_or("attention_bias qkv_bias use_qkv_bias add_qkv_bias attn_bias", false);
  attention.output_bias = config.boolean_or("attention_out_bias attention_bias", false);
  if (config.boolean_or("use_qk_norm qk_norm qk_layernorm", false)) {
    attention.qk_norm = QkNorm::kPerHead;
  }
  return attention;
}

bool has_experts(ConfigReader& config) {
  const Json* experts = config.find(key::kExperts);
  return experts != nullptr && *experts != 0 && *experts != 1;
}

MoeFfn read_experts(ConfigReader& config) {
  MoeFfn moe = read_moe(
      config,
      "moe_intermediate_size expert_ffn_hidden_size expert_intermediate_size intermediate_size");
  moe.shared_intermediate = config.integer_or(
      "shared_expert_intermediate_size shared_intermediate_size "
      "moe_shared_expert_intermediate_size",
      {0, Limits::kIntermediate.maximum}, moe.shared_intermediate);
  moe.correction_bias = config.text_or("topk_method", "") == "noaux_tc" ||
                        config.boolean_or("use_routing_bias", false);
  return moe;
}

/// Which layers slide: layer_types; else all where sliding_window is given and not switched off.
std::vector<bool> read_sliding(ConfigReader& config, std::int64_t layers) {
  const auto types = read_layer_types(config, layers,
                                      {"full_attention", "sliding_attention", "chunked_attention"});
  std::vector<bool> slides(static_cast<std::size_t>(layers),
                           config.boolean_or("use_sliding_window", true));
  for (std::size_t i = 0; i < slides.size() && !types.empty(); ++i) {
    slides[i] = types[i] != "full_attention";
  }
  return slides;
}

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  Mixer mixer = read_mixer(config, architecture);
  const std::vector<bool> slides = read_sliding(config, layers);
  const std::int64_t window =
      read_window(config, architecture, "sliding_window attention_chunk_size");
  const bool experts = has_experts(config);
  const MoeFfn moe = experts ? read_experts(config) : MoeFfn();
  std::vector<bool> sparse = read_moe_placement(config, layers);
  if (config.has("decoder_sparse_step")) sparse = read_sparse_steps(config, layers);
  const bool all_sparse = std::find(sparse.begin(), sparse.end(), false) == sparse.end();
  DenseFfn dense;
  if (!experts || !all_sparse) {
    dense.intermediate = config.integer(key::kIntermediate, Limits::kIntermediate);
  }
  config.ignore(key::kIntermediate);
  dense.bias = config.boolean_or("mlp_bias", false);
  const std::int64_t mtp = read_mtp_count(config);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    if (auto* grouped = std::get_if<GroupedAttention>(&mixer)) {
      grouped->window = slides[layer] ? window : 0;
    }
    return decoder_layer(mixer, experts && sparse[layer] ? Ffn(moe) : Ffn(dense), architecture);
  });
  add_mtp_layers(architecture, architecture.layers.back().layer, mtp);
}

/// The FFN width of Llama's params.json: two thirds of four times the width, times a multiplier,
/// rounded up (its model.py).
std::int64_t read_params_width(ConfigReader& config, std::int64_t hidden) {
  if (config.has("hidden_dim")) return config.integer("hidden_dim", Limits::kIntermediate);
  const std::int64_t multiple = config.integer_or("multiple_of", Limits::kHidden, 256);
  const double multiplier = config.number_or("ffn_dim_multiplier", {0.01, 100}, 1);
  const std::int64_t width = 8 * hidden / 3;  // two thirds of four times hidden
  return round_up(static_cast<std::int64_t>(multiplier * static_cast<double>(width)), multiple);
}

/// params.json of Mistral and Llama: their own names, experts in a section.
void read_params(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  Mixer mixer = read_mixer(config, architecture);
  const std::int64_t window = read_window(config, architecture);
  if (auto* grouped = std::get_if<GroupedAttention>(&mixer)) grouped->window = window;
  const DenseFfn dense = {read_params_width(config, architecture.hidden)};
  const bool experts = config.has("moe");
  ConfigReader section = config.object("moe");
  MoeFfn moe;
  std::int64_t first = layers;
  std::int64_t every = 1;
  if (experts) {
    moe.experts = section.integer(key::kExperts, Limits::kExperts);
    moe.top_k = section.integer(key::kTopK, Limits::kExperts);
    moe.intermediate =
        section.integer_or("expert_hidden_dim", Limits::kIntermediate, dense.intermediate);
    moe.shared_intermediate =
        section.integer_or(key::kSharedExperts, Limits::kCount, 0) * moe.intermediate;
    check_top_k(section, moe);
    first = section.integer_or("first_k_dense_replace", Limits::kCount, 0);
    every = section.integer_or("route_every_n", Limits::kLayers, 1);
  }
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool sparse = experts && i >= first && i % every == 0;
    return decoder_layer(mixer, sparse ? Ffn(moe) : Ffn(dense), architecture);
  });
}

}  // namespace

const Family kGenericDecoder = {"generic", "", "", "{}", read};
// It never says a dtype: the files beside it are bf16.
const Family kParamsJson = {"params_json", "PixtralForConditionalGeneration", "",
                            R"({"torch_dtype": "bfloat16"})", read_params};

}  // namespace tokencast
