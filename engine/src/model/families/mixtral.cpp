// Mixtral: Mistral's attention, and experts whose width is intermediate_size itself.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  read_layer_types(config, layers, {"full_attention"});
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.window = read_window(config, architecture);
  const MoeFfn moe = read_moe(config, key::kIntermediate);
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, moe, architecture), layers);
}

}  // namespace

const Family kMixtral = {"mixtral", "MixtralForCausalLM", "", "{}", read};

}  // namespace tokencast
