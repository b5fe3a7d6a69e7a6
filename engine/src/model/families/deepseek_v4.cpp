// DeepSeek-V4: one head whose keys are its values, in a window and in compressed entries; outputs
// projected down in groups of heads; residual streams mixed by hyper-connections; first layers that
// route by a table instead of a router's choice (transformers modeling_deepseek_v4.py).
//
// Ignores: the routing tables of token ids, which are integers and no parameters.
#include "model/families/families.h"

namespace tokencast {
namespace {

constexpr std::int64_t kSparseRatio = 4;  // with an indexer and overlapping entries; 128 without

CompressedAttention read_attention(ConfigReader& config) {
  CompressedAttention attention;
  attention.heads = config.integer(key::kHeads, Limits::kHeads);
  attention.head_dim = config.integer(key::kHeadDim, Limits::kHeadDim);
  attention.q_lora_rank = config.integer("q_lora_rank", Limits::kRank);
  attention.output_groups = config.integer("o_groups", Limits::kHeads);
  attention.o_lora_rank = config.integer("o_lora_rank", Limits::kRank);
  attention.window = config.integer(key::kWindow, Limits::kContext);
  config.ignore(key::kKvHeads);
  config.ignore("qk_rope_head_dim");
  return attention;
}

/// The compression of each layer: compress_ratios, or layer_types as transformers writes it.
std::vector<std::int64_t> read_ratios(ConfigReader& config, std::int64_t layers) {
  const auto types = read_layer_types(
      config, layers,
      {"sliding_attention", "compressed_sparse_attention", "heavily_compressed_attention"});
  constexpr std::int64_t kHeavy = 128;
  if (types.empty()) {
    if (!config.has("compress_ratios")) config.integer("compress_ratios", Limits::kContext);
    return config.per_layer("compress_ratios", {0, 65536}, layers, 0);
  }
  std::vector<std::int64_t> ratios;
  ratios.reserve(types.size());
  for (const std::string& type : types) {
    ratios.push_back(type == "sliding_attention"             ? 0
                     : type == "compressed_sparse_attention" ? kSparseRatio
                                                             : kHeavy);
  }
  return ratios;
}

/// Weights of the hyper-connections around a layer's attention and FFN (arXiv 2409.19606): streams
/// is how many residual streams there are.
std::int64_t hyper_connection_elements(std::int64_t streams, std::int64_t hidden) {
  const std::int64_t outputs = (2 + streams) * streams;
  return 2 * (outputs * streams * hidden + outputs + 3);
}

void read(ConfigReader& config, Architecture& architecture) {
  const std::int64_t layers = read_layer_count(config);
  CompressedAttention attention = read_attention(config);
  SparseIndexer indexer;
  indexer.heads = config.integer("index_n_heads", Limits::kHeads);
  indexer.head_dim = config.integer("index_head_dim", Limits::kHeadDim);
  indexer.top_k = config.integer("index_topk", Limits::kContext);
  indexer.query_input = attention.q_lora_rank;
  const std::vector<std::int64_t> ratios = read_ratios(config, layers);
  MoeFfn moe = read_moe(config);
  const std::int64_t hashed = config.integer_or("num_hash_layers", Limits::kCount, 0);
  const std::int64_t streams = config.integer("hc_mult", {1, 64});
  const std::int64_t mtp = read_mtp_count(config);
  config.ignore("expert_dtype");
  if (config.failed()) return;
  if ((attention.heads * attention.head_dim) % attention.output_groups != 0) {
    config.contradiction("o_groups", "o_groups",
                         std::to_string(attention.heads) + " heads do not form " +
                             std::to_string(attention.output_groups) + " groups",
                         "o_groups must divide num_attention_heads",
                         {{"heads", std::to_string(attention.heads)},
                          {"groups", std::to_string(attention.output_groups)}});
    return;
  }
  const std::int64_t hidden = architecture.hidden;
  const auto layer_of = [&](std::int64_t ratio, bool by_table) {
    attention.ratio = ratio;
    attention.overlap = ratio == kSparseRatio ? 2 : 1;
    attention.indexer = ratio == kSparseRatio ? std::optional(indexer) : std::nullopt;
    moe.correction_bias = !by_table;
    Layer layer = decoder_layer(attention, moe, architecture);
    layer.other_elements = hyper_connection_elements(streams, hidden);
    return layer;
  };
  add_layers(architecture, layers, [&](std::int64_t i) {
    return layer_of(ratios[static_cast<std::size_t>(i)], i < hashed);
  });
  // The streams are joined before the head.
  const std::int64_t joining = streams * streams * hidden + streams + 1;
  architecture.tensors.push_back(
      {"hyper_connection_head", Component::kOther, static_cast<double>(joining)});
  Layer draft = layer_of(0, false);
  draft.norm_elements += 3 * hidden;
  draft.other_elements += joining;
  draft.linears = {{"e_proj", Component::kOther, hidden, hidden, Sharding::kReplicated},
                   {"h_proj", Component::kOther, hidden, hidden, Sharding::kReplicated}};
  for (std::int64_t i = 0; i < mtp; ++i) add_layer(architecture.mtp, draft);
  architecture.mtp_modules = mtp;
}

}  // namespace

const Family kDeepSeekV4 = {
    "deepseek_v4", "DeepseekV4ForCausalLM", "deepseek_ref",
    R"({"head_dim": 512, "n_shared_experts": 1, "o_groups": 8, "o_lora_rank": 1024,
                                "sliding_window": 128, "hc_mult": 4, "num_hash_layers": 3,
                                "index_n_heads": 64, "index_head_dim": 128, "index_topk": 512})",
    read};

}  // namespace tokencast
