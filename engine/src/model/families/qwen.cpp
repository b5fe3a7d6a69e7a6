// Qwen 1 (Qwen-7B to 72B, Qwen-VL): intermediate_size is twice the FFN's width, q, k and v always
// have a bias ("no_bias" is about the others), every head its own K and V (its modeling_qwen.py).
#include "model/families/families.h"
#include "model/towers.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_grouped_attention(
      config, architecture, {.qkv_bias = true, .output_bias = false, .multi_head = true});
  config.ignore("no_bias");
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate) / 2};
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

}  // namespace

const Family kQwen = {"qwen", "QWenLMHeadModel", "", "{}", read, read_qwen_vl_tower};

}  // namespace tokencast
