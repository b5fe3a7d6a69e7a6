// ERNIE 4.5: Llama's layer, tied unless the config says otherwise; as MoE with experts from one
// layer to another; with images, experts of two widths of which text goes to the wider ones
// (transformers modeling_ernie4_5.py, modeling_ernie4_5_moe.py, modeling_ernie4_5_vl_moe.py).
#include <algorithm>

#include "model/families/families.h"

namespace tokencast {
namespace {

GroupedAttention read_attention(ConfigReader& config, const Architecture& architecture) {
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("use_bias", false);
  attention.output_bias = attention.qkv_bias;
  return attention;
}

DenseFfn read_dense(ConfigReader& config) {
  return {config.integer(key::kIntermediate, Limits::kIntermediate),
          config.boolean_or("use_bias", false)};
}

void read_dense_model(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_attention(config, architecture);
  const DenseFfn ffn = read_dense(config);
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

/// The first of what may be a list of a value for each modality.
std::int64_t first_of(ConfigReader& config, const Names& names, Range range,
                      std::int64_t fallback) {
  const Json* value = config.find(names);
  if (value == nullptr || !value->is_array()) return config.integer_or(names, range, fallback);
  const std::vector<std::int64_t> values = config.integers(names, range);
  return values.empty() ? fallback : values.front();
}

std::int64_t second_of(ConfigReader& config, const Names& names, Range range,
                       std::int64_t fallback) {
  const Json* value = config.find(names);
  if (value == nullptr || !value->is_array()) return fallback;
  const std::vector<std::int64_t> values = config.integers(names, range);
  return values.size() > 1 ? values[1] : fallback;
}

void read_moe_model(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_attention(config, architecture);
  MoeFfn moe;
  moe.experts = first_of(config, key::kExperts, Limits::kExperts, 64);
  moe.top_k = config.integer(key::kTopK, Limits::kExperts);
  moe.intermediate = first_of(config, key::kExpertIntermediate, Limits::kIntermediate, 1536);
  moe.shared_intermediate =
      config.integer_or(key::kSharedExperts, Limits::kCount, 2) * moe.intermediate;
  moe.correction_bias = config.boolean_or("moe_use_aux_free", true);
  check_top_k(config, moe);
  // Experts for images, of which a token of text sees none.
  const std::int64_t image_width =
      second_of(config, key::kExpertIntermediate, Limits::kIntermediate, 0);
  const std::int64_t start = first_of(config, "moe_layer_start_index", Limits::kCount, 1);
  const std::int64_t end =
      first_of(config, "moe_layer_end_index", {-1, Limits::kLayers.maximum}, -1);
  const std::int64_t interval = config.integer_or("moe_layer_interval", Limits::kLayers, 1);
  const DenseFfn dense = read_dense(config);
  const std::int64_t mtp = read_mtp_count(config);
  if (config.failed()) return;
  const std::int64_t last = end < 0 ? layers - 1 : end;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool experts = (i + 1) % interval == 0 && i >= start && i <= last;
    Layer layer = decoder_layer(attention, experts ? Ffn(moe) : Ffn(dense), architecture);
    if (experts && image_width > 0) {
      MoeFfn images = moe;
      images.intermediate = image_width;
      images.shared_intermediate = 0;
      images.idle = true;
      layer.ffns.emplace_back(images);
    }
    return layer;
  });
  Layer draft = decoder_layer(attention, dense, architecture, Norm::kRms, 4);
  draft.linears = {{"mtp_linear_proj", Component::kOther, 2 * architecture.hidden,
                    architecture.hidden, Sharding::kReplicated}};
  for (std::int64_t i = 0; i < mtp; ++i) add_layer(architecture.mtp, draft);
  architecture.mtp_modules = mtp;
}

}  // namespace

const Family kErnie45 = {"ernie4_5", "Ernie4_5ForCausalLM Ernie4_5_ForCausalLM", "",
                         R"({"tie_word_embeddings": true, "head_dim": 128})", read_dense_model};
const Family kErnie45Moe = {"ernie4_5_moe", "Ernie4_5_MoeForCausalLM", "",
                            R"({"tie_word_embeddings": true})", read_moe_model};
const Family kErnie45VlMoe = {
    "ernie4_5_vl_moe", "Ernie4_5_VLMoeForConditionalGeneration Ernie4_5_VLMoeForCausalLM",
    "ernie4_5_moe_vl ernie4_5_vl_moe_text", R"({"tie_word_embeddings": true})", read_moe_model};

}  // namespace tokencast
