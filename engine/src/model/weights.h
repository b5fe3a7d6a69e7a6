// The weight tensors of a model: the one list from which parameters, weight bytes and shards are
// counted.
//
// Ignores: buffers (rotary frequencies, masks) and activation scales; they are not parameters and
// weigh nothing.
#ifndef TOKENCAST_MODEL_WEIGHTS_H_
#define TOKENCAST_MODEL_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "model/architecture.h"

namespace tokencast {

enum class Component {
  kEmbedding,
  kAttention,
  kFfn,
  kExperts,
  kSharedExperts,
  kRouter,
  kNorms,
  kLmHead
};

/// How tensor parallelism lays a tensor over its ranks.
enum class Sharding {
  kSplit,      ///< an equal part on each rank
  kKvHeads,    ///< split by KV heads; a head is repeated where ranks outnumber heads
  kReplicated  ///< whole on each rank
};

/// Tensors that are alike.
struct WeightTensor {
  Component component = Component::kNorms;
  double elements = 0;  ///< of one
  double count = 0;     ///< how many in the model
  Sharding sharding = Sharding::kReplicated;
  bool quantizable = false;   ///< the matrix of a linear layer, not a norm, bias or router
  double active_share = 1;    ///< part that one token uses: experts per token / experts
  std::int64_t kv_heads = 0;  ///< for Sharding::kKvHeads
};

std::vector<WeightTensor> weight_tensors(const Architecture& architecture);

/// Parameters by component. Each stored tensor once; lm_head is 0 when tied.
struct ParameterCount {
  double embedding = 0, attention = 0, ffn = 0, experts = 0, shared_experts = 0, router = 0,
         norms = 0, lm_head = 0;
  double active_experts = 0;  ///< the part of experts that one token uses

  double total() const {
    return embedding + attention + ffn + experts + shared_experts + router + norms + lm_head;
  }
  /// Embedding table included.
  double active() const { return total() - experts + active_experts; }
};

ParameterCount count_parameters(const Architecture& architecture);

/// How a deployment stores the weights: linear layers in one format, the rest in another.
struct WeightFormats {
  WeightFormat linear;
  WeightFormat other;
  bool embeddings =
      false;  ///< whether the embedding table and lm_head are in the linear format too

  const WeightFormat& of(Component component, bool quantizable) const;
};

/// Returns the formats in which the checkpoint itself is stored and served.
///
/// architecture.quantization must be understood.
WeightFormats checkpoint_formats(const Architecture& architecture);

/// Returns the bytes of weights on one of tp tensor parallel ranks.
double weight_bytes_per_rank(const Architecture& architecture, const WeightFormats& formats,
                             std::int64_t tp);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_WEIGHTS_H_
