// openPangu: embedded models are Llama with biases on all of attention; Pangu Pro MoE adds a shared
// expert of its own width and a scale for each expert.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read_moe_model(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qkv_bias = true, .output_bias = true});
  MoeFfn moe = read_moe(config);
  moe.shared_intermediate =
      config.integer_or("shared_expert_intermediate_size", Limits::kIntermediate, 0);
  moe.correction_bias = true;  // router_scale: as many values
  const std::vector<bool> sparse = read_sparse_steps(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool experts = sparse[static_cast<std::size_t>(i)];
    return decoder_layer(attention, experts ? Ffn(moe) : Ffn(dense), architecture);
  });
}

}  // namespace

const Family kPanguEmbedded = {"PanguEmbedded", "PanguEmbeddedForCausalLM", "", "{}", read_llama};
const Family kPanguProMoe = {"PanguProMoE", "PanguProMoEForCausalLM", "", "{}", read_moe_model};

}  // namespace tokencast
