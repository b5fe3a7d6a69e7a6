#include "model/weights.h"

#include <algorithm>

namespace tokencast {
namespace {

/// Collects the tensors of one layer group, or of the model itself.
class TensorList {
 public:
  TensorList(std::vector<WeightTensor>& tensors, std::size_t group, double stored, double runs)
      : tensors_(tensors), group_(group), stored_(stored), runs_(runs) {}

  /// A matrix of a linear layer.
  void matrix(std::string_view name, Component component, std::int64_t in, std::int64_t out,
              Sharding sharding = Sharding::kSplit, std::int64_t kv_heads = 0) {
    tensors_.push_back({name, component, group_, static_cast<double>(in) * static_cast<double>(out),
                        in, stored_, runs_, sharding, /*quantizable=*/true, 1, kv_heads});
  }

  /// A norm, bias or other small tensor that is never quantized.
  void vector(std::string_view name, Component component, std::int64_t elements,
              Sharding sharding = Sharding::kReplicated, std::int64_t kv_heads = 0) {
    if (elements == 0) return;
    tensors_.push_back({name, component, group_, static_cast<double>(elements), 0, stored_, runs_,
                        sharding, /*quantizable=*/false, 1, kv_heads});
  }

  void linear(const Linear& linear) {
    matrix(linear.name, linear.component, linear.in, linear.out, linear.sharding);
    if (linear.bias) vector(linear.name, linear.component, linear.out, linear.sharding);
  }

  /// One tensor of each expert of a layer.
  void experts(std::string_view name, const MoeFfn& moe, std::int64_t in, std::int64_t out,
               bool quantizable) {
    const auto count = static_cast<double>(moe.experts);
    tensors_.push_back({name, Component::kExperts, group_,
                        static_cast<double>(in) * static_cast<double>(out), in, stored_ * count,
                        runs_ * count, Sharding::kSplit, quantizable,
                        moe.idle ? 0 : moe.real_top_k() / count, 0});
  }

  void model_tensor(const ModelTensor& tensor) {
    tensors_.push_back({tensor.name, tensor.component, group_, tensor.elements, 0, stored_, runs_,
                        Sharding::kReplicated, /*quantizable=*/false, 1, 0});
  }

 private:
  std::vector<WeightTensor>& tensors_;
  std::size_t group_;
  double stored_, runs_;
};

void add_indexer(const SparseIndexer& indexer, std::int64_t hidden, TensorList& list) {
  constexpr Component kAttention = Component::kAttention;
  // Every rank scores all of the context: the indexer is whole on each.
  list.matrix("indexer.wq_b", kAttention, indexer.query_input, indexer.heads * indexer.head_dim,
              Sharding::kReplicated);
  list.matrix("indexer.wk", kAttention, hidden, indexer.head_dim, Sharding::kReplicated);
  list.vector("indexer.k_norm", Component::kNorms,
              (indexer.key_norm_bias ? 2 : 1) * indexer.head_dim);
  if (indexer.query_norm) list.vector("indexer.q_norm", Component::kNorms, indexer.head_dim);
  if (indexer.head_weights) {
    list.matrix("indexer.weights_proj", kAttention, hidden, indexer.heads, Sharding::kReplicated);
  }
}

/// Turns ratio tokens into one entry: values and gates of the tokens, weighed by position.
void add_compressor(std::int64_t width, const CompressedAttention& a, std::int64_t hidden,
                    TensorList& list) {
  constexpr Component kAttention = Component::kAttention;
  const std::int64_t entries = a.overlap * width;
  list.matrix("compressor.kv_proj", kAttention, hidden, entries, Sharding::kReplicated);
  list.matrix("compressor.gate_proj", kAttention, hidden, entries, Sharding::kReplicated);
  list.vector("compressor.position_bias", kAttention, a.ratio * entries);
  list.vector("compressor.norm", Component::kNorms, width);
}

void add_mixer(const GroupedAttention& a, std::int64_t hidden, TensorList& list) {
  constexpr Component kAttention = Component::kAttention;
  const std::int64_t input = a.input > 0 ? a.input : hidden;
  const std::int64_t q = a.heads * a.head_dim;
  const std::int64_t k = a.kv_heads * a.head_dim;
  const std::int64_t v = a.kv_heads * a.value_dim();
  const std::int64_t output = a.heads * a.value_dim();
  if (a.q_lora_rank > 0) {
    list.matrix("q_a_proj", kAttention, input, a.q_lora_rank, Sharding::kReplicated);
    list.vector("q_a_layernorm", Component::kNorms, a.q_lora_rank);
  }
  list.matrix("q_proj", kAttention, a.q_lora_rank > 0 ? a.q_lora_rank : input, q);
  if (!a.shares_kv) {
    list.matrix("k_proj", kAttention, input, k, Sharding::kKvHeads, a.kv_heads);
    if (!a.keys_are_values) {
      list.matrix("v_proj", kAttention, input, v, Sharding::kKvHeads, a.kv_heads);
    }
  }
  list.matrix("o_proj", kAttention, output, hidden);
  if (a.qkv_bias) {
    list.vector("q_proj", kAttention, q, Sharding::kSplit);
    if (!a.shares_kv) list.vector("k_proj", kAttention, k, Sharding::kKvHeads, a.kv_heads);
    if (!a.shares_kv && !a.keys_are_values) {
      list.vector("v_proj", kAttention, v, Sharding::kKvHeads, a.kv_heads);
    }
  }
  if (a.output_bias) list.vector("o_proj", kAttention, hidden);
  if (a.qk_norm != QkNorm::kNone) {
    const bool full = a.qk_norm == QkNorm::kFullWidth;
    const std::int64_t parts = a.qk_norm_bias ? 2 : 1;
    list.vector("q_norm", Component::kNorms, parts * (full ? q : a.head_dim));
    if (!a.shares_kv) list.vector("k_norm", Component::kNorms, parts * (full ? k : a.head_dim));
  }
  if (a.sinks) list.vector("sinks", kAttention, a.heads, Sharding::kSplit);
  if (a.gate == OutputGate::kElement) list.matrix("g_proj", kAttention, input, output);
  if (a.gate == OutputGate::kHead) list.matrix("g_proj", kAttention, input, a.heads);
  if (a.indexer) add_indexer(*a.indexer, hidden, list);
}

void add_mixer(const LatentAttention& a, std::int64_t hidden, TensorList& list) {
  constexpr Component kAttention = Component::kAttention;
  const std::int64_t q = a.heads * (a.qk_nope_head_dim + a.qk_rope_head_dim);
  if (a.q_lora_rank > 0) {
    list.matrix("q_a_proj", kAttention, hidden, a.q_lora_rank, Sharding::kReplicated);
    list.vector("q_a_layernorm", Component::kNorms, a.q_lora_rank);
    if (a.bias) list.vector("q_a_proj", kAttention, a.q_lora_rank);
    list.matrix("q_b_proj", kAttention, a.q_lora_rank, q);
  } else {
    list.matrix("q_proj", kAttention, hidden, q);
  }
  const std::int64_t latent = a.kv_lora_rank + a.qk_rope_head_dim;
  list.matrix("kv_a_proj_with_mqa", kAttention, hidden, latent, Sharding::kReplicated);
  list.vector("kv_a_layernorm", Component::kNorms, a.kv_lora_rank);
  list.matrix("kv_b_proj", kAttention, a.kv_lora_rank,
              a.heads * (a.qk_nope_head_dim + a.v_head_dim));
  list.matrix("o_proj", kAttention, a.heads * a.v_head_dim, hidden);
  if (a.bias) list.vector("o_proj", kAttention, latent + hidden);
  if (a.output_gate) list.matrix("g_proj", kAttention, hidden, a.heads * a.v_head_dim);
  if (a.head_gate) list.matrix("g_proj", kAttention, hidden, a.heads);
  if (a.indexer) add_indexer(*a.indexer, hidden, list);
}

void add_mixer(const CompressedAttention& a, std::int64_t hidden, TensorList& list) {
  constexpr Component kAttention = Component::kAttention;
  const std::int64_t q = a.heads * a.head_dim;
  const std::int64_t o_rank = a.output_groups * a.o_lora_rank;
  list.matrix("q_a_proj", kAttention, hidden, a.q_lora_rank, Sharding::kReplicated);
  list.vector("q_a_layernorm", Component::kNorms, a.q_lora_rank);
  list.matrix("q_b_proj", kAttention, a.q_lora_rank, q);
  list.matrix("kv_proj", kAttention, hidden, a.head_dim, Sharding::kReplicated);
  list.vector("kv_norm", Component::kNorms, a.head_dim);
  list.vector("sinks", kAttention, a.heads, Sharding::kSplit);
  list.matrix("o_a_proj", kAttention, q / a.output_groups, o_rank);
  list.matrix("o_b_proj", kAttention, o_rank, hidden);
  if (a.ratio > 0) add_compressor(a.head_dim, a, hidden, list);
  if (!a.indexer) return;
  // The indexer compresses keys of its own, in the same way.
  add_compressor(a.indexer->head_dim, a, hidden, list);
  list.matrix("indexer.wq_b", kAttention, a.indexer->query_input,
              a.indexer->heads * a.indexer->head_dim, Sharding::kReplicated);
  list.matrix("indexer.weights_proj", kAttention, hidden, a.indexer->heads, Sharding::kReplicated);
}

void add_mixer(const RecurrentMixer& mixer, std::int64_t /*hidden*/, TensorList& list) {
  for (const Linear& linear : mixer.linears) list.linear(linear);
  list.vector("conv1d", Component::kRecurrent, mixer.vector_elements, Sharding::kSplit);
  list.vector("norm", Component::kNorms, mixer.norm_elements);
}

void add_ffn(const DenseFfn& ffn, std::int64_t hidden, TensorList& list) {
  if (ffn.gated) list.matrix("gate_proj", Component::kFfn, hidden, ffn.intermediate);
  list.matrix("up_proj", Component::kFfn, hidden, ffn.intermediate);
  list.matrix("down_proj", Component::kFfn, ffn.intermediate, hidden);
  if (ffn.bias) {
    list.vector("up_proj", Component::kFfn, (ffn.gated ? 2 : 1) * ffn.intermediate,
                Sharding::kSplit);
    list.vector("down_proj", Component::kFfn, hidden);
  }
}

void add_ffn(const MoeFfn& moe, std::int64_t hidden, TensorList& list) {
  const std::int64_t input = moe.input > 0 ? moe.input : hidden;
  const std::int64_t routes = moe.experts + moe.zero_experts;
  list.vector("router", Component::kRouter, hidden * routes);
  if (moe.router_bias) list.vector("router", Component::kRouter, routes);
  if (moe.correction_bias) list.vector("router", Component::kRouter, routes);
  const std::int64_t ups = moe.gated ? 2 : 1;
  if (moe.input > 0) {
    list.matrix("latent_down_proj", Component::kExperts, hidden, input, Sharding::kReplicated);
    list.matrix("latent_up_proj", Component::kExperts, input, hidden, Sharding::kReplicated);
    if (moe.latent_norm) list.vector("latent_norm", Component::kNorms, input);
  }
  if (moe.gated) list.experts("gate_proj", moe, input, moe.intermediate, true);
  list.experts("up_proj", moe, input, moe.intermediate, true);
  list.experts("down_proj", moe, moe.intermediate, input, true);
  if (moe.bias) list.experts("up_proj", moe, 1, ups * moe.intermediate + input, false);
  if (moe.shared_intermediate > 0) {
    constexpr Component kShared = Component::kSharedExperts;
    if (moe.gated) list.matrix("gate_proj", kShared, hidden, moe.shared_intermediate);
    list.matrix("up_proj", kShared, hidden, moe.shared_intermediate);
    list.matrix("down_proj", kShared, moe.shared_intermediate, hidden);
    if (moe.shared_gate) list.vector("shared_expert_gate", kShared, hidden);
  }
}

void add_group(std::vector<WeightTensor>& tensors, const LayerGroup& group, std::size_t index,
               std::int64_t hidden) {
  TensorList list(tensors, index, static_cast<double>(group.stored),
                  static_cast<double>(group.count));
  list.vector("layernorm", Component::kNorms, group.layer.norm_elements);
  list.vector("residual", Component::kOther, group.layer.other_elements);
  for (const Mixer& mixer : group.layer.mixers) {
    std::visit([&](const auto& kind) { add_mixer(kind, hidden, list); }, mixer);
  }
  for (const Ffn& ffn : group.layer.ffns) {
    std::visit([&](const auto& kind) { add_ffn(kind, hidden, list); }, ffn);
  }
  for (const Linear& linear : group.layer.linears) list.linear(linear);
}

double part_on_rank(const WeightTensor& tensor, std::int64_t tp) {
  switch (tensor.sharding) {
    case Sharding::kReplicated:
      return 1;
    case Sharding::kKvHeads:
      return kv_heads_on_rank(tensor.kv_heads, tp) / static_cast<double>(tensor.kv_heads);
    case Sharding::kSplit:
      break;
  }
  return 1 / static_cast<double>(tp);
}

const WeightFormat& format_of(const WeightTensor& tensor, const WeightFormats& formats) {
  return tensor.quantizable ? formats.of(tensor.group, tensor.component, tensor.name)
                            : formats.other;
}

}  // namespace

std::vector<WeightTensor> weight_tensors(const Architecture& architecture) {
  std::vector<WeightTensor> tensors;
  TensorList model(tensors, kNoGroup, 1, 1);
  const std::int64_t rows =
      architecture.embedding_rows > 0 ? architecture.embedding_rows : architecture.vocabulary;
  const std::int64_t width =
      architecture.embedding_dim > 0 ? architecture.embedding_dim : architecture.hidden;
  model.matrix("embed_tokens", Component::kEmbedding, width, rows);
  for (const ModelTensor& tensor : architecture.tensors) model.model_tensor(tensor);
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    add_group(tensors, architecture.layers[i], i, architecture.hidden);
  }
  model.vector("norm", Component::kNorms, architecture.final_norm_elements);
  if (!architecture.lm_head) return tensors;
  if (!architecture.tied_embeddings) {
    model.matrix("lm_head", Component::kLmHead, width, architecture.vocabulary);
  }
  if (architecture.head_bias) {
    model.vector("lm_head", Component::kLmHead, architecture.vocabulary, Sharding::kSplit);
  }
  return tensors;
}

double ParameterCount::total() const {
  double total = 0;
  for (const double elements : by_component) total += elements;
  return total;
}

ParameterCount count_parameters(const Architecture& architecture) {
  ParameterCount count;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    const double elements = tensor.elements * tensor.count;
    count.by_component[static_cast<std::size_t>(tensor.component)] += elements;
    if (tensor.component == Component::kEmbedding) count.tables += elements;
    if (tensor.component == Component::kExperts) {
      count.active_experts += elements * tensor.active_share;
    }
  }
  for (const ModelTensor& tensor : architecture.tensors) {
    if (tensor.lookup && tensor.component != Component::kEmbedding) count.tables += tensor.elements;
  }
  return count;
}

double count_mtp_parameters(const Architecture& architecture) {
  std::vector<WeightTensor> tensors;
  for (const LayerGroup& group : architecture.mtp) {
    add_group(tensors, group, kNoGroup, architecture.hidden);
  }
  double elements = 0;
  for (const WeightTensor& tensor : tensors) elements += tensor.elements * tensor.count;
  return elements;
}

double count_tower_parameters(const Architecture& architecture) {
  double parameters = 0;
  for (const Tower& tower : architecture.towers) parameters += tower.parameters;
  return parameters;
}

std::vector<std::pair<std::string_view, double>> weight_bytes_by_format(
    const Architecture& architecture, const WeightFormats& formats) {
  std::vector<std::pair<std::string_view, double>> bytes;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    const WeightFormat& format = format_of(tensor, formats);
    auto entry = std::find_if(bytes.begin(), bytes.end(), [&format](const auto& candidate) {
      return candidate.first == format.name;
    });
    if (entry == bytes.end()) entry = bytes.insert(bytes.end(), {format.name, 0.0});
    entry->second += tensor.elements * tensor.count * format.bits / 8;
  }
  return bytes;
}

RankWeights rank_weights(const Architecture& architecture, const WeightFormats& formats,
                         std::int64_t tp, std::int64_t ep) {
  RankWeights weights;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    const bool routed = tensor.component == Component::kExperts;
    const double part = part_on_rank(tensor, routed ? std::max(tp, ep) : tp);
    const double bits = format_of(tensor, formats).bits;
    const double bytes = tensor.elements * tensor.count * part * bits / 8;
    if (tensor.group != kNoGroup) {
      weights.layer_bytes += bytes;
    } else if (tensor.component == Component::kLmHead || tensor.name == "norm") {
      weights.last_bytes += bytes;
    } else {
      weights.first_bytes += bytes;
    }
  }
  return weights;
}

double weight_bytes_per_rank(const Architecture& architecture, const WeightFormats& formats,
                             std::int64_t tp) {
  const RankWeights weights = rank_weights(architecture, formats, tp, 1);
  return weights.layer_bytes + weights.first_bytes + weights.last_bytes;
}

}  // namespace tokencast
