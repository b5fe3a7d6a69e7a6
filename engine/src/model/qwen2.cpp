// Qwen 2 and 2.5: q, k and v always have a bias, which the config does not say (transformers
// modeling_qwen2.py).
#include "model/family.h"

namespace tokencast {

void read_qwen2(ObjectReader& config, Architecture& architecture) {
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qkv_bias = true;
  const DenseFfn ffn = {config.integer("intermediate_size", Limits::kIntermediate), false};
  add_layers_with_late_window(config, architecture, attention, ffn);
}

}  // namespace tokencast
