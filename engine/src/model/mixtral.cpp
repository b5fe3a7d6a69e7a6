// Mixtral: Mistral's attention, and experts whose width is intermediate_size itself.
#include "model/family.h"

namespace tokencast {

void read_mixtral(ObjectReader& config, Architecture& architecture) {
  refuse_other_layer_types(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.window = read_sliding_window(config, architecture);
  MoeFfn moe;
  moe.experts = config.integer("num_local_experts", Limits::kExperts);
  moe.top_k = config.integer("num_experts_per_tok", Limits::kExperts);
  moe.intermediate = config.integer("intermediate_size", Limits::kIntermediate);
  check_top_k(config, "num_experts_per_tok", moe);
  architecture.layers = {{attention, moe, read_layer_count(config)}};
}

}  // namespace tokencast
