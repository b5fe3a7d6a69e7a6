// Mistral 7B, Nemo, Small, Large: Llama's layers without biases, sliding window on every layer in
// the first release.
#include "model/family.h"

namespace tokencast {

void read_mistral(ObjectReader& config, Architecture& architecture) {
  refuse_other_layer_types(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  attention.window = read_sliding_window(config, architecture);
  const DenseFfn ffn = {config.integer("intermediate_size", Limits::kIntermediate), false};
  architecture.layers = {{attention, ffn, read_layer_count(config)}};
}

}  // namespace tokencast
