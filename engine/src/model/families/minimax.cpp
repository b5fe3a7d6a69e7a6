// MiniMax-Text-01 and M1 (arXiv 2501.08313): seven layers of lightning attention for one of softmax
// attention, experts as wide as intermediate_size behind each. M2 has softmax attention only, M3 a
// sparse one that chooses blocks of tokens.
#include "model/families/families.h"
#include "model/recurrent.h"
#include "model/towers.h"

namespace tokencast {
namespace {

/// Whether each layer has softmax attention: attn_type_list 1, layer_types full_attention.
std::vector<bool> read_softmax_layers(ConfigReader& config, std::int64_t layers) {
  const auto types = read_layer_types(config, layers, {"full_attention", "linear_attention"});
  std::vector<bool> softmax(static_cast<std::size_t>(layers));
  if (types.empty() && !config.has("attn_type_list")) config.integer("attn_type_list", {0, 1});
  const auto flags = config.per_layer("attn_type_list", {0, 1}, layers, 1);
  for (std::size_t i = 0; i < softmax.size(); ++i) {
    softmax[i] = types.empty() ? flags[i] == 1 : types[i] == "full_attention";
  }
  return softmax;
}

void read_text01(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  const GroupedAttention attention = read_grouped_attention(config, architecture);
  const RecurrentMixer lightning = make_mixer(
      Lightning{attention.heads, attention.heads, attention.head_dim}, architecture.hidden);
  const std::vector<bool> softmax = read_softmax_layers(config, layers);
  MoeFfn moe = read_moe(config, key::kIntermediate);
  moe.shared_intermediate =
      config.integer_or("shared_intermediate_size", {0, Limits::kIntermediate.maximum}, 0);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const bool full = softmax[static_cast<std::size_t>(i)];
    return decoder_layer(full ? Mixer(attention) : Mixer(lightning), moe, architecture);
  });
}

void read_m2(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  if (config.boolean_or("use_qk_norm", true)) {
    const bool per_layer = config.text_or("qk_norm_type", "per_layer") == "per_layer";
    attention.qk_norm = per_layer ? QkNorm::kFullWidth : QkNorm::kPerHead;
  }
  MoeFfn moe = read_moe(config, key::kIntermediate);
  moe.correction_bias = config.boolean_or("use_routing_bias", true);
  moe.shared_intermediate =
      config.integer_or("shared_intermediate_size", {0, Limits::kIntermediate.maximum}, 0);
  // Announced, but no such tensors are in the checkpoints.
  config.ignore(key::kMtpLayers);
  // Leavings of Text-01.
  for (const char* unused : {"attn_type_list", "mlp_intermediate_size", "mtp_transformer_layers"}) {
    config.ignore(unused);
  }
  if (config.failed()) return;
  add_layers(architecture, decoder_layer(attention, moe, architecture), layers);
}

void read_m3(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  GroupedAttention attention = read_grouped_attention(config, architecture);
  if (config.boolean_or("use_qk_norm", true)) attention.qk_norm = QkNorm::kPerHead;
  if (config.boolean_or("attention_output_gate", false)) attention.gate = OutputGate::kElement;

  ConfigReader sparse = config.object("sparse_attention_config");
  const auto sparse_layers = sparse.per_layer("sparse_attention_freq", {0, 1}, layers, 0);
  std::optional<SparseIndexer> indexer;
  if (sparse.has("sparse_attention_freq")) {
    indexer.emplace();
    indexer->heads = sparse.integer("sparse_num_index_heads", Limits::kHeads);
    indexer->head_dim = sparse.integer("sparse_index_dim", Limits::kHeadDim);
    const std::int64_t block = sparse.integer("sparse_block_size", Limits::kState);
    const std::int64_t blocks = sparse.integer("sparse_topk_blocks", Limits::kState) +
                                sparse.integer_or("sparse_local_block", Limits::kCount, 0) +
                                sparse.integer_or("sparse_init_block", Limits::kCount, 0);
    indexer->top_k = block * blocks;
    indexer->query_input = architecture.hidden;
    indexer->head_weights = false;
    indexer->key_norm_bias = false;
    indexer->query_norm = true;
  }

  MoeFfn moe = read_moe(config, "intermediate_size moe_intermediate_size");
  config.ignore("moe_intermediate_size");
  moe.correction_bias = config.boolean_or("use_routing_bias", true);
  const std::int64_t shared = config.integer_or(key::kSharedExperts, Limits::kCount, 1);
  moe.shared_intermediate = shared * config.integer_or("shared_intermediate_size",
                                                       Limits::kIntermediate, moe.intermediate);
  const std::vector<bool> placement = read_moe_placement(config, layers);
  const DenseFfn dense = {
      config.integer_or("dense_intermediate_size", Limits::kIntermediate, moe.intermediate)};
  config.ignore(key::kMtpLayers);
  if (config.failed()) return;
  add_layers(architecture, layers, [&](std::int64_t i) {
    const auto layer = static_cast<std::size_t>(i);
    attention.indexer = sparse_layers[layer] == 1 ? indexer : std::nullopt;
    return decoder_layer(attention, placement[layer] ? Ffn(moe) : Ffn(dense), architecture);
  });
}

}  // namespace

const Family kMiniMaxText01 = {"minimax_text_01",
                               "MiniMaxText01ForCausalLM MiniMaxM1ForCausalLM MiniMaxForCausalLM",
                               "minimax_m1 minimax MiniMaxText01", "{}", read_text01};
const Family kMiniMaxVl01 = {"minimax_vl_01", "MiniMaxVL01ForConditionalGeneration", "", "{}",
                             nullptr};
const Family kMiniMaxM2 = {"minimax_m2", "MiniMaxM2ForCausalLM", "", "{}", read_m2};
const Family kMiniMaxM3 = {
    "minimax_m3",
    "MiniMaxM3ForCausalLM MiniMaxM3SparseForCausalLM MiniMaxM3SparseForConditionalGeneration",
    "minimax_m3_vl minimax_m3_vl_text",
    "{}",
    read_m3,
    read_minimax_m3_tower};

}  // namespace tokencast
