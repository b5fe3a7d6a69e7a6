#include "model/weights.h"

#include <algorithm>

namespace tokencast {
namespace {

/// Collects the tensors of one layer group.
class TensorList {
 public:
  TensorList(std::vector<WeightTensor>& tensors, double count) : tensors_(tensors), count_(count) {}

  /// A matrix of a linear layer.
  void matrix(Component component, std::int64_t rows, std::int64_t columns, Sharding sharding,
              std::int64_t kv_heads = 0) {
    tensors_.push_back({component, static_cast<double>(rows) * static_cast<double>(columns), count_,
                        sharding, /*quantizable=*/true, 1, kv_heads});
  }

  /// A norm, bias or other small tensor that is never quantized.
  void vector(Component component, std::int64_t elements, Sharding sharding = Sharding::kReplicated,
              std::int64_t kv_heads = 0) {
    tensors_.push_back({component, static_cast<double>(elements), count_, sharding,
                        /*quantizable=*/false, 1, kv_heads});
  }

  /// All experts of a layer, one matrix each.
  void experts(const MoeFfn& moe, std::int64_t rows, std::int64_t columns) {
    tensors_.push_back({Component::kExperts,
                        static_cast<double>(rows) * static_cast<double>(columns),
                        count_ * static_cast<double>(moe.experts), Sharding::kSplit,
                        /*quantizable=*/true,
                        static_cast<double>(moe.top_k) / static_cast<double>(moe.experts), 0});
  }

 private:
  std::vector<WeightTensor>& tensors_;
  double count_;
};

void add_attention(const GroupedAttention& a, std::int64_t hidden, TensorList& list) {
  const std::int64_t q = a.heads * a.head_dim;
  const std::int64_t kv = a.kv_heads * a.head_dim;
  list.matrix(Component::kAttention, hidden, q, Sharding::kSplit);
  list.matrix(Component::kAttention, hidden, 2 * kv, Sharding::kKvHeads, a.kv_heads);
  list.matrix(Component::kAttention, q, hidden, Sharding::kSplit);
  if (a.qkv_bias) {
    list.vector(Component::kAttention, q, Sharding::kSplit);
    list.vector(Component::kAttention, 2 * kv, Sharding::kKvHeads, a.kv_heads);
  }
  if (a.output_bias) list.vector(Component::kAttention, hidden);
  if (a.qk_norm) list.vector(Component::kNorms, 2 * a.head_dim);
}

void add_attention(const LatentAttention& a, std::int64_t hidden, TensorList& list) {
  const std::int64_t q = a.heads * (a.qk_nope_head_dim + a.qk_rope_head_dim);
  if (a.q_lora_rank > 0) {
    list.matrix(Component::kAttention, hidden, a.q_lora_rank, Sharding::kReplicated);
    list.vector(Component::kNorms, a.q_lora_rank);
    if (a.bias) list.vector(Component::kAttention, a.q_lora_rank);
    list.matrix(Component::kAttention, a.q_lora_rank, q, Sharding::kSplit);
  } else {
    list.matrix(Component::kAttention, hidden, q, Sharding::kSplit);
  }
  const std::int64_t latent = a.kv_lora_rank + a.qk_rope_head_dim;
  list.matrix(Component::kAttention, hidden, latent, Sharding::kReplicated);
  list.vector(Component::kNorms, a.kv_lora_rank);
  list.matrix(Component::kAttention, a.kv_lora_rank, a.heads * (a.qk_nope_head_dim + a.v_head_dim),
              Sharding::kSplit);
  list.matrix(Component::kAttention, a.heads * a.v_head_dim, hidden, Sharding::kSplit);
  if (a.bias) list.vector(Component::kAttention, latent + hidden);
}

void add_ffn(const DenseFfn& ffn, std::int64_t hidden, TensorList& list) {
  list.matrix(Component::kFfn, hidden, 2 * ffn.intermediate, Sharding::kSplit);  // gate and up
  list.matrix(Component::kFfn, ffn.intermediate, hidden, Sharding::kSplit);
  if (ffn.bias) {
    list.vector(Component::kFfn, 2 * ffn.intermediate, Sharding::kSplit);
    list.vector(Component::kFfn, hidden);
  }
}

void add_ffn(const MoeFfn& moe, std::int64_t hidden, TensorList& list) {
  list.vector(Component::kRouter, hidden * moe.experts);
  if (moe.correction_bias) list.vector(Component::kRouter, moe.experts);
  list.experts(moe, hidden, 2 * moe.intermediate);
  list.experts(moe, moe.intermediate, hidden);
  if (moe.shared_intermediate > 0) {
    list.matrix(Component::kSharedExperts, hidden, 2 * moe.shared_intermediate, Sharding::kSplit);
    list.matrix(Component::kSharedExperts, moe.shared_intermediate, hidden, Sharding::kSplit);
  }
}

double part_on_rank(const WeightTensor& tensor, std::int64_t tp) {
  switch (tensor.sharding) {
    case Sharding::kReplicated:
      return 1;
    case Sharding::kKvHeads:
      return kv_heads_on_rank({.kv_heads = tensor.kv_heads}, tp) /
             static_cast<double>(tensor.kv_heads);
    case Sharding::kSplit:
      break;
  }
  return 1 / static_cast<double>(tp);
}

}  // namespace

std::vector<WeightTensor> weight_tensors(const Architecture& architecture) {
  std::vector<WeightTensor> tensors;
  TensorList model(tensors, 1);
  model.matrix(Component::kEmbedding, architecture.vocabulary, architecture.hidden,
               Sharding::kSplit);
  for (const LayerGroup& group : architecture.layers) {
    TensorList layer(tensors, static_cast<double>(group.count));
    layer.vector(Component::kNorms,
                 2 * architecture.hidden);  // before attention and before the FFN
    std::visit([&](const auto& attention) { add_attention(attention, architecture.hidden, layer); },
               group.attention);
    std::visit([&](const auto& ffn) { add_ffn(ffn, architecture.hidden, layer); }, group.ffn);
  }
  model.vector(Component::kNorms, architecture.hidden);
  if (!architecture.tied_embeddings) {
    model.matrix(Component::kLmHead, architecture.vocabulary, architecture.hidden,
                 Sharding::kSplit);
  }
  return tensors;
}

ParameterCount count_parameters(const Architecture& architecture) {
  ParameterCount count;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    const double elements = tensor.elements * tensor.count;
    switch (tensor.component) {
      case Component::kEmbedding:
        count.embedding += elements;
        break;
      case Component::kAttention:
        count.attention += elements;
        break;
      case Component::kFfn:
        count.ffn += elements;
        break;
      case Component::kExperts:
        count.experts += elements;
        count.active_experts += elements * tensor.active_share;
        break;
      case Component::kSharedExperts:
        count.shared_experts += elements;
        break;
      case Component::kRouter:
        count.router += elements;
        break;
      case Component::kNorms:
        count.norms += elements;
        break;
      case Component::kLmHead:
        count.lm_head += elements;
        break;
    }
  }
  return count;
}

const WeightFormat& WeightFormats::of(Component component, bool quantizable) const {
  if (!quantizable) return other;
  const bool table = component == Component::kEmbedding || component == Component::kLmHead;
  return table && !embeddings ? other : linear;
}

WeightFormats checkpoint_formats(const Architecture& architecture) {
  const WeightFormat plain = {architecture.dtype, bits_of(architecture.dtype), false, 0};
  const Quantization& quantization = architecture.quantization;
  if (quantization.method.empty()) return {plain, plain, false};
  return {quantization.linear, plain, quantization.embeddings};
}

double weight_bytes_per_rank(const Architecture& architecture, const WeightFormats& formats,
                             std::int64_t tp) {
  double bytes = 0;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    const double bits = formats.of(tensor.component, tensor.quantizable).bits;
    bytes += tensor.elements * tensor.count * part_on_rank(tensor, tp) * bits / 8;
  }
  return bytes;
}

}  // namespace tokencast
