// Trinity of Arcee: norms before and after attention and FFN, normed queries and keys, a gate for
// each output of attention, three sliding layers for one that is not (its modeling_afmoe.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const auto types = read_layer_types(config, layers, {"full_attention", "sliding_attention"});
  const std::int64_t period = config.integer_or("global_attn_every_n_layers", Limits::kLayers, 4);
  GroupedAttention attention =
      read_grouped_attention(config, architecture, {.qk_norm = QkNorm::kPerHead});
  attention.gate = OutputGate::kElement;
  const std::int64_t window = read_window(config, architecture);
  MoeFfn moe = read_moe(config);
  moe.correction_bias = true;
  const std::vector<bool> sparse = read_moe_placement(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    const bool full = types.empty() ? (i + 1) % period == 0 : types[layer] == "full_attention";
    attention.window = full ? 0 : window;
    return decoder_layer(attention, sparse[layer] ? Ffn(moe) : Ffn(dense), architecture, Norm::kRms,
                         4);
  });
}

}  // namespace

const Family kAfmoe = {
    "afmoe", "AfmoeForCausalLM", "",
    R"({"num_dense_layers": 1, "num_shared_experts": 2, "sliding_window": 1024})", read};

}  // namespace tokencast
