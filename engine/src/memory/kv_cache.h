// What sequences keep in memory: KV of attention, states of recurrent layers, as the model needs
// them and in the blocks in which an engine hands them out.
//
// Ignores: prefixes that sequences share, and what engines keep for those that have ended.
#ifndef TOKENCAST_MEMORY_KV_CACHE_H_
#define TOKENCAST_MEMORY_KV_CACHE_H_

#include <cstdint>
#include <vector>

#include "graph/step.h"
#include "memory/allocation.h"

namespace tokencast {

/// Returns the bytes of KV that each rank keeps for one sequence of context_tokens: windows bound
/// their layers, GQA heads spread over ranks, MLA's latent vectors are whole on each.
double kv_bytes_per_sequence(const Architecture& architecture, const Layout& layout,
                             std::int64_t context_tokens);

/// Bytes that one more token adds over the whole model, not per rank.
struct KvPerToken {
  double all = 0;      ///< below any window
  double growing = 0;  ///< of the layers without a window
  double indexer = 0;  ///< of the keys of sparse attention's indexers, beside both
};
KvPerToken kv_bytes_per_token(const Architecture& architecture, DType kv_dtype);

/// Returns the bytes of recurrent states that one sequence keeps, whatever its length.
double state_bytes_per_sequence(const Architecture& architecture);

/// The cache of one rank, in blocks, that of a draft included.
class KvCache {
 public:
  KvCache(const Architecture& architecture, const Layout& layout, const Allocation& allocation);

  /// Tokens of one block: the engine's, or as many as a recurrent state is worth where one pool of
  /// pages holds both.
  std::int64_t block_tokens() const { return block_tokens_; }
  /// Bytes that a block has over all layers; 0 where no layer keeps anything by the token.
  double block_bytes() const { return block_bytes_; }
  /// Bytes of the recurrent states of one sequence, as far as they are not in blocks of the pool.
  double state_bytes() const { return paged_ ? 0 : state_bytes_; }
  /// Bytes that recurrent states take of bytes_of, padding included.
  double state_bytes_held() const;
  /// Bytes that one sequence of context_tokens takes.
  double bytes_of(std::int64_t context_tokens) const;

 private:
  /// Layers that keep alike.
  struct Kept {
    double layers = 0;
    double token_bytes = 0;   ///< of one layer
    std::int64_t window = 0;  ///< 0: all tokens are kept
  };

  void add_layers(const Architecture& architecture, const Layout& layout);
  void page(const Allocation& allocation);

  std::vector<Kept> kept_;
  WindowPolicy windows_;
  std::int64_t block_tokens_ = 1;
  double block_bytes_ = 0;
  double state_bytes_ = 0;  ///< of all recurrent layers
  double state_layers_ = 0;
  double largest_state_ = 0;  ///< of one layer
  bool paged_ = false;        ///< the pool has pages for groups of layers
  double page_bytes_ = 0;     ///< of one group
  double full_groups_ = 0, state_groups_ = 0;
};

}  // namespace tokencast

#endif  // TOKENCAST_MEMORY_KV_CACHE_H_
