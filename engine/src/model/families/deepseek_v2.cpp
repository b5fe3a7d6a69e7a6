// DeepSeek-V2 (arXiv 2405.04434), V3 and R1 (arXiv 2412.19437), V3.2, and what kept their form
// (Kimi K2, GLM-5, GLM-4.7-Flash): MLA, dense first layers, then routed and shared experts.
#include <algorithm>

#include "model/families/families.h"

namespace tokencast {
namespace {

/// The lightning indexer of DeepSeek Sparse Attention (DeepSeek-V3.2 report, section 2): its
/// queries come from the compressed query.
SparseIndexer read_indexer(ConfigReader& config, std::int64_t q_lora_rank) {
  SparseIndexer indexer;
  indexer.heads = config.integer("index_n_heads", Limits::kHeads);
  indexer.head_dim = config.integer("index_head_dim", Limits::kHeadDim);
  indexer.top_k = config.integer("index_topk", Limits::kContext);
  indexer.query_input = q_lora_rank;
  return indexer;
}

/// Which layers have an indexer of their own; the others reuse the tokens that the last one chose
/// (GLM-5.2).
std::vector<bool> read_indexer_layers(ConfigReader& config, std::int64_t layers) {
  std::vector<bool> full(static_cast<std::size_t>(layers), true);
  const auto types = read_layer_types(config, layers, {"full", "shared"}, "indexer_types");
  const std::string pattern = config.text_or("index_topk_pattern", "");
  const std::int64_t frequency = config.integer_or("index_topk_freq", Limits::kLayers, 1);
  const std::int64_t offset = config.integer_or("index_skip_topk_offset", Limits::kCount, 2);
  for (std::size_t i = 0; i < full.size(); ++i) {
    if (i < types.size()) {
      full[i] = types[i] == "full";
    } else if (i < pattern.size()) {
      full[i] = pattern[i] == 'F';
    } else if (types.empty() && pattern.empty()) {
      const std::int64_t after =
          std::max<std::int64_t>(static_cast<std::int64_t>(i) - offset + 1, 0);
      full[i] = after % frequency == 0;
    }
  }
  return full;
}

/// Newer configs name the layers' FFNs instead of counting the dense ones.
std::vector<bool> read_ffn_types(ConfigReader& config, std::int64_t layers) {
  const auto types = read_layer_types(config, layers, {"dense", "sparse"}, "mlp_layer_types");
  std::vector<bool> sparse = read_moe_placement(config, layers);
  for (std::size_t i = 0; i < sparse.size() && i < types.size(); ++i) {
    sparse[i] = types[i] == "sparse";
  }
  return sparse;
}

enum class Indexer { kNone, kEvery, kAsListed };

void read_latent_moe(ConfigReader& config, Architecture& architecture, bool correction_bias,
                     Indexer indexers) {
  const std::int64_t layers = read_layer_count(config);
  LatentAttention attention = read_latent_attention(config);
  std::vector<bool> indexed(static_cast<std::size_t>(layers), indexers == Indexer::kEvery);
  std::optional<SparseIndexer> indexer;
  if (indexers != Indexer::kNone) indexer = read_indexer(config, attention.q_lora_rank);
  if (indexers == Indexer::kAsListed) indexed = read_indexer_layers(config, layers);
  MoeFfn moe = read_moe(config);
  moe.correction_bias = correction_bias;
  const std::vector<bool> sparse = read_ffn_types(config, layers);
  const bool any_dense = std::find(sparse.begin(), sparse.end(), false) != sparse.end();
  DenseFfn dense;
  if (any_dense) dense.intermediate = config.integer(key::kIntermediate, Limits::kIntermediate);
  config.ignore(key::kIntermediate);
  const std::int64_t mtp = read_mtp_count(config);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    attention.indexer = indexed[layer] ? indexer : std::nullopt;
    return decoder_layer(attention, sparse[layer] ? Ffn(moe) : Ffn(dense), architecture);
  });
  attention.indexer = indexer;
  add_mtp_layers(architecture, decoder_layer(attention, moe, architecture), mtp);
  architecture.mtp_table_copies = indexers == Indexer::kAsListed ? 0 : 2;
}

bool has_experts(ConfigReader& config) {
  return config.integer_or(key::kExperts, {0, Limits::kExperts.maximum}, 0) > 0;
}

void read_dsa(ConfigReader& config, Architecture& architecture) {
  read_latent_moe(config, architecture, true, Indexer::kEvery);
}

void read_glm_dsa(ConfigReader& config, Architecture& architecture) {
  read_latent_moe(config, architecture, true, Indexer::kAsListed);
}

/// Mistral Small 4: DeepSeek-V3's layers with a router that has no correction bias.
void read_mistral4(ConfigReader& config, Architecture& architecture) {
  read_latent_moe(config, architecture, false, Indexer::kNone);
}

/// DeepSeek-VL2: its smallest model has multi-head attention in the same class.
void read_multi_head(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  // kv_lora_rank and the split head dimensions are decoys without MLA.
  GroupedAttention attention = read_grouped_attention(config, architecture);
  const bool experts = has_experts(config);
  const MoeFfn moe = experts ? read_moe(config) : MoeFfn();
  const std::vector<bool> sparse = read_moe_placement(config, layers);
  const DenseFfn dense = {config.integer(key::kIntermediate, Limits::kIntermediate)};
  for (const char* decoy :
       {"q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"}) {
    config.ignore(decoy);
  }
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool has = experts && sparse[static_cast<std::size_t>(i)];
    return decoder_layer(attention, has ? Ffn(moe) : Ffn(dense), architecture);
  });
}

}  // namespace

void read_deepseek_v2(ConfigReader& config, Architecture& architecture) {
  if (!config.boolean_or("use_mla", true) || !config.has("kv_lora_rank")) {
    read_multi_head(config, architecture);
    return;
  }
  // The bias of auxiliary-loss-free balancing came with noaux_tc.
  const bool bias = config.text_or("topk_method", "greedy") == "noaux_tc";
  read_latent_moe(config, architecture, bias, Indexer::kNone);
}

void read_deepseek_v3(ConfigReader& config, Architecture& architecture) {
  // noaux_tc is the only method that this family's code knows.
  const bool bias = config.text_or("topk_method", "noaux_tc") == "noaux_tc";
  read_latent_moe(config, architecture, bias, Indexer::kNone);
}

const Family kDeepSeekV2 = {"deepseek_v2", "DeepseekV2ForCausalLM", "", "{}", read_deepseek_v2};
const Family kDeepSeekV3 = {"deepseek_v3", "DeepseekV3ForCausalLM", "kimi_k2",
                            R"({"first_k_dense_replace": 3, "n_shared_experts": 1})",
                            read_deepseek_v3};
const Family kDeepSeekV32 = {"deepseek_v32", "DeepseekV32ForCausalLM", "",
                             R"({"first_k_dense_replace": 3, "n_shared_experts": 1,
                                 "index_n_heads": 64, "index_head_dim": 128, "index_topk": 2048})",
                             read_dsa};
const Family kGlmMoeDsa = {"glm_moe_dsa", "GlmMoeDsaForCausalLM", "",
                           R"({"first_k_dense_replace": 3, "n_shared_experts": 1,
                               "index_n_heads": 32, "index_head_dim": 128, "index_topk": 2048})",
                           read_glm_dsa};
const Family kGlm4MoeLite = {"glm4_moe_lite", "Glm4MoeLiteForCausalLM", "",
                             R"({"first_k_dense_replace": 1, "n_shared_experts": 1})",
                             read_deepseek_v3};
const Family kMistral4 = {"mistral4", "Mistral4ForCausalLM", "mistral4_text", "{}", read_mistral4};
const Family kDeepSeekVlV2 = {"deepseek_vl_v2", "DeepseekVLV2ForCausalLM DeepseekOCRForCausalLM",
                              "", "{}", read_deepseek_v2};

}  // namespace tokencast
