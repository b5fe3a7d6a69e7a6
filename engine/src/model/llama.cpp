// Llama 1 to 3 and the many models that kept its form (Yi, CodeLlama, SmolLM, Granite code).
#include "model/family.h"

namespace tokencast {

void read_llama(ObjectReader& config, Architecture& architecture) {
  refuse_other_layer_types(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  // In this family attention_bias means all four projections (transformers modeling_llama.py).
  attention.qkv_bias = config.boolean_or("attention_bias", false);
  attention.output_bias = attention.qkv_bias;
  const DenseFfn ffn = {config.integer("intermediate_size", Limits::kIntermediate),
                        config.boolean_or("mlp_bias", false)};
  architecture.layers = {{attention, ffn, read_layer_count(config)}};
}

}  // namespace tokencast
