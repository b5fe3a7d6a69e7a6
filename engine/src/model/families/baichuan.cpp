// Baichuan 1 and 2, XVERSE, Orion: Llama with every head its own K and V, which their configs take
// for granted; Orion has LayerNorms.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read_with(ConfigReader& config, Architecture& architecture, Norm norm) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention =
      read_grouped_attention(config, architecture, {.multi_head = true});
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  architecture.final_norm_elements = norm_elements(norm, architecture.hidden, 1);
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture, norm), layers);
}

void read_rms(ConfigReader& config, Architecture& architecture) {
  read_with(config, architecture, Norm::kRms);
}
void read_layer_norm(ConfigReader& config, Architecture& architecture) {
  read_with(config, architecture, Norm::kLayer);
}

}  // namespace

const Family kBaichuan = {"baichuan", "BaichuanForCausalLM BaiChuanForCausalLM", "",
                          R"({"vocab_size": 64000})", read_rms};
const Family kXverse = {"xverse", "XverseForCausalLM", "", "{}", read_rms};
const Family kSkywork = {"skywork", "SkyworkForCausalLM", "", "{}", read_rms};
const Family kOrion = {"orion", "OrionForCausalLM", "", "{}", read_layer_norm};

}  // namespace tokencast
