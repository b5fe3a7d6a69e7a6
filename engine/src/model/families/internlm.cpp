// InternLM 1 (biases on all of attention unless "bias" is false), 2 (no biases unless it is true)
// and 3 (qkv_bias, and bias for the rest).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read_with(ConfigReader& config, Architecture& architecture, bool qkv_bias, bool output_bias,
               bool mlp_bias) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = qkv_bias;
  attention.output_bias = output_bias;
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate), mlp_bias};
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

void read_first(ConfigReader& config, Architecture& architecture) {
  const bool bias = config.boolean_or("bias", true);
  read_with(config, architecture, bias, bias, false);
}
void read_second(ConfigReader& config, Architecture& architecture) {
  const bool bias = config.boolean_or("bias", false);
  read_with(config, architecture, bias, bias, false);
}
void read_third(ConfigReader& config, Architecture& architecture) {
  const bool bias = config.boolean_or("bias", false);
  read_with(config, architecture, config.boolean_or("qkv_bias", false), bias, bias);
}

}  // namespace

const Family kInternLm = {"internlm", "InternLMForCausalLM", "", "{}", read_first};
const Family kInternLm2 = {"internlm2", "InternLM2ForCausalLM", "", "{}", read_second};
const Family kInternLm3 = {"internlm3", "InternLM3ForCausalLM", "", "{}", read_third};

}  // namespace tokencast
