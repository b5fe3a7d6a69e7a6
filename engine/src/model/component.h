// What a weight belongs to, as parameters are listed.
#ifndef TOKENCAST_MODEL_COMPONENT_H_
#define TOKENCAST_MODEL_COMPONENT_H_

#include <cstddef>

namespace tokencast {

enum class Component {
  kEmbedding,      ///< the table, and learned positions
  kAttention,      ///< projections, biases, indexers
  kRecurrent,      ///< linear attention, state spaces, convolutions
  kFfn,            ///< dense FFNs
  kExperts,        ///< routed experts
  kSharedExperts,  ///< experts of every token, and their gate
  kRouter,
  kNorms,
  kLmHead,
  kOther  ///< what only few families have: adapters, residual mixing, per-layer embeddings
};
constexpr std::size_t kComponents = 10;

/// Of the model itself, not of a group of layers.
constexpr std::size_t kNoGroup = static_cast<std::size_t>(-1);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_COMPONENT_H_
