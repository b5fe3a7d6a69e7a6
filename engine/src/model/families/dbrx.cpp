// DBRX: fine-grained experts, LayerNorms without biases, sizes in attn_config and ffn_config
// (transformers modeling_dbrx.py).
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  ConfigReader attn = config.object("attn_config");
  ConfigReader ffn = config.object("ffn_config");
  GroupedAttention attention;
  attention.heads = config.integer(key::kHeads, Limits::kHeads);
  attention.kv_heads = attn.integer_or("kv_n_heads", Limits::kHeads, 1);
  MoeFfn moe;
  moe.experts = ffn.integer("moe_num_experts", Limits::kExperts);
  moe.top_k = ffn.integer("moe_top_k", Limits::kExperts);
  moe.intermediate = ffn.integer("ffn_hidden_size", Limits::kIntermediate);
  check_top_k(config, moe);
  if (config.failed()) return;
  if (architecture.hidden % attention.heads != 0 || attention.heads % attention.kv_heads != 0) {
    config.contradiction(key::kHeads, "kv_heads",
                         "d_model, n_heads and kv_n_heads do not divide each other",
                         "paste the config as the model's repository has it",
                         {{"heads", std::to_string(attention.heads)},
                          {"kv_heads", std::to_string(attention.kv_heads)}});
    return;
  }
  attention.head_dim = architecture.hidden / attention.heads;
  add_layers(architecture, decoder_layer(attention, moe, architecture), layers);
}

}  // namespace

const Family kDbrx = {"dbrx", "DbrxForCausalLM", "", "{}", read};

}  // namespace tokencast
