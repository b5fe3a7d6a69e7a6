// Operators of one step of a model on one accelerator: their shapes, and from those their FLOPs and
// bytes.
//
// Ignores: reuse of activations in on-chip caches between operators, and bytes that a kernel reads
// twice.
#ifndef TOKENCAST_GRAPH_OPERATOR_H_
#define TOKENCAST_GRAPH_OPERATOR_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/dtype.h"
#include "model/architecture.h"

namespace tokencast {

/// y[m, n] = x[m, k] · W[k, n], batch times with a W each.
struct Gemm {
  double m = 0, n = 0, k = 0;
  double batch = 1;
  WeightFormat weights;
};

/// Routed experts of one layer: up (with a gate: twice) and down projections, the activation
/// between, the permutation of rows around.
struct Experts {
  double tokens = 0;  ///< of all ranks that share the experts, as the busiest one sees them
  double rows = 0;    ///< token-expert pairs of this rank, on average
  double hidden = 0, width = 0;
  double top_k = 0;         ///< experts with weights that a token goes to
  double experts = 0;       ///< on this rank
  double experts_read = 0;  ///< expected number of them that at least one token was routed to
  double ep = 1;            ///< ranks that the experts are spread over
  bool dispatched = false;  ///< rows were sent to this rank
  bool gated = true;
  WeightFormat weights;
  double matrices() const { return gated ? 3 : 2; }
};

/// softmax(Q · Kᵀ) · V, fused: scores never leave the chip.
struct AttentionCore {
  double sequences = 0;
  double queries = 0;         ///< new tokens of each sequence
  double keys_per_query = 0;  ///< mean number of tokens that a query attends to
  double cached_keys = 0;     ///< tokens read from the KV cache per sequence
  double new_keys = 0;        ///< tokens whose K and V this step made, per sequence
  double heads = 0;
  double qk_dim = 0, v_dim = 0;
  double kv_elements = 0;  ///< per token and sequence: K and V over KV heads, or the latent vector
  DType kv_dtype = DType::kBf16;
  double window = 0;    ///< tokens that a query attends to at most; 0: all
  bool latent = false;  ///< multi-head latent attention
};

/// Convolution and state of a recurrent mixer: each sequence's state is read and written once.
struct StateUpdate {
  double sequences = 0;
  double tokens = 0;
  double flops_per_token = 0;
  double state_bytes = 0;     ///< of one sequence
  double token_elements = 0;  ///< activations read and written per token
  double heads = 0;
  bool delta_rule = false;  ///< gated delta rule; else a state-space model or its like
};

/// Norms, rotary embedding, activations, residuals: a stream over memory.
struct Elementwise {
  double elements_read = 0, elements_written = 0;
  double flops_per_element = 0;
};

/// Rows of the embedding table, gathered.
struct EmbeddingLookup {
  double tokens = 0, hidden = 0;
};

enum class Exchange {
  kAllReduce,  ///< each rank contributes payload_bytes and receives the sum
  kAllGather,  ///< each rank receives payload_bytes, of which it holds 1/ranks
  kAllToAll,   ///< each rank sends payload_bytes, 1/ranks of it to each
  kSend        ///< one rank sends payload_bytes to another
};

struct Communication {
  Exchange kind = Exchange::kAllReduce;
  double payload_bytes = 0;
  std::int64_t ranks = 1;
  std::int64_t domains = 1;  ///< that a link joins each; the ranks are spread over them evenly
  double network_bytes = 0;  ///< all-to-all: sent by each rank to other domains
};

struct Operator {
  const char* name = "";
  double count = 1;  ///< calls in one step: layers that are alike
  DType compute = DType::kBf16;
  std::variant<Gemm, Experts, AttentionCore, StateUpdate, Elementwise, EmbeddingLookup,
               Communication>
      shape;
  std::size_t group = kNoGroup;  ///< of the model's layers that it is in
  double host_share = 0;         ///< of its weights, or its KV, that is read from the host
};

/// Bytes that one call moves between the accelerator's memory and its units, by what they are.
struct OperatorBytes {
  double weights = 0, kv = 0, activations = 0;
  double total() const { return weights + kv + activations; }
};

// Of one call.
double flops_of(const Operator& op);
OperatorBytes bytes_of(const Operator& op);
double link_bytes_of(const Operator& op);  ///< sent by each rank
double host_bytes_of(const Operator& op);  ///< read from the host's memory

std::string kind_of(const Operator& op);     ///< "gemm", "moe", "attention", …
std::string shape_text(const Operator& op);  ///< "m=1024 n=7168 k=5120"

}  // namespace tokencast

#endif  // TOKENCAST_GRAPH_OPERATOR_H_
