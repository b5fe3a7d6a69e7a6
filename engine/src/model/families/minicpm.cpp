// MiniCPM 1, 2, 4 (arXiv 2404.06395): Llama's layer, tied unless the config says otherwise; with
// experts as Mixtral's. MiniCPM 3 has MLA whose values are as wide as hidden / heads. The vision
// models say by "version" which language model is inside.
#include <algorithm>

#include "model/families/families.h"

namespace tokencast {
namespace {

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_grouped_attention(config, architecture);
  const bool experts = config.integer_or(key::kExperts, {0, Limits::kExperts.maximum}, 0) > 0;
  const Ffn ffn = experts
                      ? Ffn(read_moe(config, key::kIntermediate))
                      : Ffn(DenseFfn{config.integer(key::kIntermediate, Limits::kIntermediate)});
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

void read_latent(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  LatentAttention attention = read_latent_attention(config);
  if (!config.has("v_head_dim")) {
    attention.v_head_dim = std::max<std::int64_t>(architecture.hidden / attention.heads, 1);
  }
  const DenseFfn ffn = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  if (config.failed()) return;
  // 27 times as much in the 4B.
  config.note(
      "latent_cache_assumed",
      "The KV cache is that of latent vectors; engines that unfold K and V for each head of "
      "this family cache many times as much");
  add_layers(architecture, decoder_layer(attention, ffn, architecture), layers);
}

void read_vision(ConfigReader& config, Architecture& architecture) {
  const double version = config.number_or("version", {0, 1000}, 2.0);
  if (version == 2.5 || version == 4.0) {
    read_llama(config, architecture);
  } else if (version == 2.6) {
    read_qwen2(config, architecture);
  } else if (version == 4.5) {
    read_qwen3(config, architecture);
  } else {
    read(config, architecture);
  }
}

void read_omni(ConfigReader& config, Architecture& architecture) {
  if (config.number_or("version", {0, 1000}, 2.6) == 4.5) {
    read_qwen3(config, architecture);
  } else {
    read_qwen2(config, architecture);
  }
}

}  // namespace

const Family kMiniCpm = {"minicpm", "MiniCPMForCausalLM", "", R"({"tie_word_embeddings": true})",
                         read};
const Family kMiniCpm3 = {"minicpm3", "MiniCPM3ForCausalLM", "", R"({"tie_word_embeddings": true})",
                          read_latent};
const Family kMiniCpmV = {"minicpmv", "MiniCPMV", "", "{}", read_vision};
const Family kMiniCpmO = {"minicpmo", "MiniCPMO", "", "{}", read_omni};

}  // namespace tokencast
