// LongCat-Flash (arXiv 2509.01322): each layer has two MLAs and two dense FFNs, and experts beside
// them on a shortcut; some experts only pass their input on.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  // transformers writes num_hidden_layers as twice num_layers, one for each attention.
  const std::int64_t layers = config.has("num_layers")
                                  ? config.integer("num_layers", Limits::kLayers)
                                  : read_layer_count(config);
  config.ignore(key::kLayerCount);
  const LatentAttention attention = read_latent_attention(config);
  MoeFfn moe;
  moe.experts = config.integer(key::kExperts, Limits::kExperts);
  moe.zero_experts = config.integer_or("zero_expert_num", {0, Limits::kExperts.maximum}, 0);
  moe.top_k = config.integer(key::kTopK, Limits::kExperts);
  moe.intermediate = config.integer(key::kExpertIntermediate, Limits::kIntermediate);
  moe.correction_bias = true;
  moe.router_bias = config.boolean_or("router_bias", false);
  check_top_k(config, moe);
  const DenseFfn dense = {
      config.integer("ffn_hidden_size intermediate_size", Limits::kIntermediate)};
  if (config.failed()) return;
  Layer layer = decoder_layer(attention, dense, architecture, Norm::kRms, 4);
  layer.mixers = {attention, attention};
  layer.ffns = {dense, dense, moe};
  add_layers(architecture, layer, layers);
  // Stored with one attention and no experts; the config does not name it.
  add_mtp_layers(architecture, decoder_layer(attention, dense, architecture), 1);
  architecture.mtp_table_copies = 1;
}

}  // namespace

const Family kLongcatFlash = {"longcat_flash", "LongcatFlashForCausalLM", "", "{}", read};

}  // namespace tokencast
