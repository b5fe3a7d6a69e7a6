// GLM-4 dense: as Llama with biases on q, k and v; the 0414 releases norm what attention and FFN
// give back as well (transformers modeling_glm.py, modeling_glm4.py).
#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {
namespace {

void read_with_norms(ConfigReader& config, Architecture& architecture, std::int64_t norms,
                     bool bias) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = config.boolean_or("attention_bias", bias);
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture, Norm::kRms, norms), layers);
}

void read_glm(ConfigReader& config, Architecture& architecture) {
  read_with_norms(config, architecture, 2, true);
}
void read_glm4(ConfigReader& config, Architecture& architecture) {
  read_with_norms(config, architecture, 4, false);
}
void read_glm4v(ConfigReader& config, Architecture& architecture) {
  read_with_norms(config, architecture, 4, true);
}

}  // namespace

const Family kGlm = {"glm", "GlmForCausalLM", "", R"({"num_key_value_heads": 2, "head_dim": 128})",
                     read_glm};
const Family kGlm4 = {"glm4", "Glm4ForCausalLM", "",
                      R"({"num_key_value_heads": 2, "head_dim": 128})", read_glm4};
const Family kGlm4v = {"glm4v",      "Glm4vForConditionalGeneration",
                       "glm4v_text", R"({"num_key_value_heads": 2})",
                       read_glm4v,   read_glm4v_tower};

}  // namespace tokencast
