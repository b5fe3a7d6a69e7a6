// MiMo-V2 (Flash, V2.5): sliding layers have heads of their own, values are narrower than keys, a
// learned sink per head; experts as DeepSeek-V3's without shared ones.
//
// Three multi-token-prediction layers are in the checkpoints, which the config does not name.
#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention full = read_grouped_attention(config, architecture);
  full.v_head_dim = config.integer_or("v_head_dim", Limits::kHeadDim, full.head_dim);
  full.qkv_bias = config.boolean_or("attention_bias", false);
  full.sinks = config.boolean_or("add_full_attention_sink_bias", false);
  GroupedAttention sliding = full;
  sliding.heads = config.integer_or("swa_num_attention_heads", Limits::kHeads, full.heads);
  sliding.kv_heads = config.integer_or("swa_num_key_value_heads", Limits::kHeads, full.kv_heads);
  check_kv_heads(config, "swa_num_key_value_heads", sliding.heads, sliding.kv_heads);
  sliding.head_dim = config.integer_or("swa_head_dim", Limits::kHeadDim, full.head_dim);
  sliding.v_head_dim = config.integer_or("swa_v_head_dim", Limits::kHeadDim, full.v_head_dim);
  sliding.sinks = config.boolean_or("add_swa_attention_sink_bias", false);
  sliding.window = read_window(config, architecture);
  // 1: slides
  const auto pattern = config.per_layer("hybrid_layer_pattern", {0, 1}, layers, 0);
  MoeFfn moe = read_moe(config);
  moe.correction_bias = config.text_or("topk_method", "noaux_tc") == "noaux_tc";
  const std::vector<bool> sparse = read_moe_placement(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    return decoder_layer(pattern[layer] == 1 ? sliding : full,
                         sparse[layer] ? Ffn(moe) : Ffn(dense), architecture);
  });
  constexpr std::int64_t kMtp = 3;
  add_mtp_layers(architecture, decoder_layer(sliding, dense, architecture), kMtp);
}

}  // namespace

const Family kMimoV2 = {"mimo_v2", "MiMoV2ForCausalLM MiMoV2FlashForCausalLM", "mimo_v2_flash",
                        "{}", read};

}  // namespace tokencast
