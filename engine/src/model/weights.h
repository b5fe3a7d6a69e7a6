// The weight tensors of a model: the one list from which parameters, weight bytes and shards are
// counted.
//
// Ignores: buffers (rotary frequencies, masks) and activation scales; they are not parameters and
// weigh nothing.
#ifndef TOKENCAST_MODEL_WEIGHTS_H_
#define TOKENCAST_MODEL_WEIGHTS_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "model/architecture.h"

namespace tokencast {

/// Tensors that are alike.
struct WeightTensor {
  std::string_view name;  ///< of the module, as most checkpoints call it: "q_proj"
  Component component = Component::kNorms;
  std::size_t group = 0;  ///< index in architecture.layers; kNoGroup: of the model itself
  double elements = 0;    ///< of one
  std::int64_t in = 0;    ///< inputs of a linear layer's matrix: the length of a row as stored
  double count = 0;       ///< how many are stored
  double runs = 0;        ///< how many a token goes through: differs where weights are shared
  Sharding sharding = Sharding::kReplicated;
  bool quantizable = false;   ///< the matrix of a linear layer, not a norm, bias or router
  double active_share = 1;    ///< part that one token uses: experts per token / experts
  std::int64_t kv_heads = 0;  ///< for Sharding::kKvHeads
};

std::vector<WeightTensor> weight_tensors(const Architecture& architecture);

/// Parameters by component. Each stored tensor once; lm_head is 0 when tied.
struct ParameterCount {
  std::array<double, kComponents> by_component{};
  double active_experts = 0;  ///< the part of experts that one token uses
  double tables = 0;          ///< of which a token reads few rows: embeddings, per layer too

  double of(Component component) const { return by_component[static_cast<std::size_t>(component)]; }
  double total() const;
  /// Embedding table included.
  double active() const { return total() - of(Component::kExperts) + active_experts; }
};

ParameterCount count_parameters(const Architecture& architecture);

/// Returns the parameters of the multi-token-prediction layers, which count_parameters leaves out.
double count_mtp_parameters(const Architecture& architecture);

/// Returns the parameters of all towers that could be counted.
double count_tower_parameters(const Architecture& architecture);

/// Returns the bytes of weights by the name of their format, in the order in which formats occur.
std::vector<std::pair<std::string_view, double>> weight_bytes_by_format(
    const Architecture& architecture, const WeightFormats& formats);

/// Bytes of weights on one rank, by the stage of a pipeline that has them.
struct RankWeights {
  double layer_bytes = 0;  ///< of all layers
  double first_bytes = 0;  ///< embedding tables, and what belongs to no layer
  double last_bytes = 0;   ///< final norm and head
};

/// Returns the weights of one of tp tensor parallel ranks, with the experts spread over ep ranks
/// where these are more.
RankWeights rank_weights(const Architecture& architecture, const WeightFormats& formats,
                         std::int64_t tp, std::int64_t ep);

/// Returns the bytes of weights on one of tp tensor parallel ranks.
double weight_bytes_per_rank(const Architecture& architecture, const WeightFormats& formats,
                             std::int64_t tp);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_WEIGHTS_H_
