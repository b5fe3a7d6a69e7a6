// Qwen 3: no biases by default, RMSNorm over each head's q and k (transformers modeling_qwen3.py).
#include "model/family.h"

namespace tokencast {

void read_qwen3(ObjectReader& config, Architecture& architecture) {
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.qk_norm = true;
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  const DenseFfn ffn = {config.integer("intermediate_size", Limits::kIntermediate), false};
  add_layers_with_late_window(config, architecture, attention, ffn);
}

}  // namespace tokencast
