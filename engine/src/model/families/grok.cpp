// Grok 1 and 2: norms before and after attention and FFN; Grok 2 has a dense FFN beside the experts
// of every layer. Grok 1's config says model_type mixtral: the class decides.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_grouped_attention(config, architecture);
  const MoeFfn moe = read_moe(config, "moe_intermediate_size intermediate_size");
  const bool residual = config.boolean_or("residual_moe", false);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  // Grok 1's class ties where the config is silent, Grok 2's does not.
  if (!config.has(key::kTied)) architecture.tied_embeddings = !residual;
  if (config.failed()) return;
  Layer layer = decoder_layer(attention, moe, architecture, Norm::kRms, 4);
  if (residual) layer.ffns.insert(layer.ffns.begin(), dense);
  add_layers(architecture, layer, layers);
}

}  // namespace

const Family kGrok = {"grok-1", "Grok1ModelForCausalLM Grok1ForCausalLM Grok2ForCausalLM",
                      "grok1 grok-2 git", "{}", read};

}  // namespace tokencast
