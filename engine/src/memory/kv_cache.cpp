#include "memory/kv_cache.h"

#include <algorithm>
#include <cmath>

#include "graph/speculation.h"

namespace tokencast {
namespace {

// Indexer keys are kept in fp8 with an fp32 scale for each 128 (vLLM's indexer cache of
// DeepSeek-V3.2: 132 bytes for a key of 128).
constexpr double kIndexBytesPerElement = 132.0 / 128;
// Tokens of layers with a window for each of layers without one (SGLang, swa_full_tokens_ratio).
constexpr double kWindowShare = 0.8;
// A group takes all layers of the larger kind where they are fewer than this many times the smaller
// (vLLM, v1/core/kv_cache_utils.py, group sizes).
constexpr double kNearlyAsMany = 1.25;

double as_double(std::int64_t value) { return static_cast<double>(value); }

std::int64_t blocks_of(std::int64_t tokens, std::int64_t block) {
  return (tokens + block - 1) / block;
}

bool is_chunked(const Mixer& mixer) {
  const auto* attention = std::get_if<GroupedAttention>(&mixer);
  return attention != nullptr && attention->chunked;
}

}  // namespace

double kv_bytes_per_sequence(const Architecture& architecture, const Layout& layout,
                             std::int64_t context_tokens) {
  const double kv_bytes = bits_of(layout.kv_dtype) / 8;
  const double context = as_double(context_tokens);
  double bytes = 0;
  for (const LayerGroup& group : architecture.layers) {
    double layer_bytes = 0;
    for (const Mixer& mixer : group.layer.mixers) {
      const std::int64_t window = window_of(mixer);
      const std::int64_t kept = window > 0 ? std::min(window, context_tokens) : context_tokens;
      const double elements = as_double(kept) * kv_elements_on_rank(mixer, layout.tp) +
                              context * compressed_elements_per_token(mixer);
      layer_bytes +=
          elements * kv_bytes + context * index_elements_per_token(mixer) * kIndexBytesPerElement;
      if (const auto* recurrent = std::get_if<RecurrentMixer>(&mixer)) {
        layer_bytes += state_bytes_on_rank(*recurrent, architecture, layout.tp);
      }
    }
    bytes += as_double(group.count) * layer_bytes;
  }
  return bytes * layers_on_rank(architecture, layout);
}

KvPerToken kv_bytes_per_token(const Architecture& architecture, DType kv_dtype) {
  const double kv_bytes = bits_of(kv_dtype) / 8;
  KvPerToken per_token;
  for (const LayerGroup& group : architecture.layers) {
    const double count = as_double(group.count);
    for (const Mixer& mixer : group.layer.mixers) {
      const double whole = count * kv_elements_per_token(mixer) * kv_bytes;
      const double compressed = count * compressed_elements_per_token(mixer) * kv_bytes;
      per_token.all += whole + compressed;
      per_token.growing += compressed + (window_of(mixer) == 0 ? whole : 0);
      per_token.indexer += count * index_elements_per_token(mixer) * kIndexBytesPerElement;
    }
  }
  return per_token;
}

double state_bytes_per_sequence(const Architecture& architecture) {
  double bytes = 0;
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) {
      if (const auto* recurrent = std::get_if<RecurrentMixer>(&mixer)) {
        bytes += as_double(group.count) * state_bytes_on_rank(*recurrent, architecture, 1);
      }
    }
  }
  return bytes;
}

KvCache::KvCache(const Architecture& architecture, const Layout& layout,
                 const Allocation& allocation)
    : windows_(allocation.windows), block_tokens_(allocation.block_tokens) {
  add_layers(architecture, layout);
  if (const Draft* draft = draft_in(layout)) {
    add_layers(draft->architecture, layout_of(*draft, layout));
  }
  for (const Kept& kept : kept_) {
    block_bytes_ += kept.layers * kept.token_bytes * as_double(block_tokens_);
  }
  if (windows_ == WindowPolicy::kGroups) page(allocation);
}

void KvCache::add_layers(const Architecture& architecture, const Layout& layout) {
  const double kv_bytes = bits_of(layout.kv_dtype) / 8;
  // The hybrid manager keeps chunked layers whole: slower otherwise (vLLM pull request 21707).
  const bool grouped = windows_ == WindowPolicy::kGroups;
  const double on_rank = layers_on_rank(architecture, layout);
  const auto add = [this](double layers, double token_bytes, std::int64_t window) {
    if (token_bytes > 0) kept_.push_back({layers, token_bytes, window});
  };
  for (const LayerGroup& group : architecture.layers) {
    const double layers = as_double(group.count) * on_rank;
    for (const Mixer& mixer : group.layer.mixers) {
      const bool whole = windows_ == WindowPolicy::kIgnored || (grouped && is_chunked(mixer));
      add(layers, kv_elements_on_rank(mixer, layout.tp) * kv_bytes, whole ? 0 : window_of(mixer));
      add(layers,
          compressed_elements_per_token(mixer) * kv_bytes +
              index_elements_per_token(mixer) * kIndexBytesPerElement,
          0);
      if (const auto* recurrent = std::get_if<RecurrentMixer>(&mixer)) {
        const double state = state_bytes_on_rank(*recurrent, architecture, layout.tp);
        state_bytes_ += layers * state;
        state_layers_ += layers;
        largest_state_ = std::max(largest_state_, state);
      }
    }
  }
}

/// Pages of one size for groups of equally many layers of a kind: all tokens, a window, a state.
/// Only where every layer keeps equally much by the token; else each kind has its own.
void KvCache::page(const Allocation& allocation) {
  double full = 0;
  double windowed = 0;
  double token_bytes = 0;
  for (const Kept& kept : kept_) {
    if (token_bytes > 0 && kept.token_bytes != token_bytes) return;
    token_bytes = kept.token_bytes;
    (kept.window > 0 ? windowed : full) += kept.layers;
  }
  const int kinds = (full > 0 ? 1 : 0) + (windowed > 0 ? 1 : 0) + (state_layers_ > 0 ? 1 : 0);
  if (token_bytes == 0 || kinds < 2) return;

  double fewest = full + windowed + state_layers_;
  double most = 0;
  for (const double layers : {full, windowed, state_layers_}) {
    if (layers > 0) fewest = std::min(fewest, layers);
    most = std::max(most, layers);
  }
  const double size = most < kNearlyAsMany * fewest ? most : fewest;
  // A block is as long as a page of attention needs to be to hold a state.
  const auto unit = allocation.block_tokens;
  const double states = std::ceil(largest_state_ / (token_bytes * as_double(unit)));
  block_tokens_ = unit * std::max<std::int64_t>(static_cast<std::int64_t>(states), 1);
  paged_ = true;
  page_bytes_ = size * token_bytes * as_double(block_tokens_);
  full_groups_ = std::ceil(full / size);
  state_groups_ = std::ceil(state_layers_ / size);
  block_bytes_ = (full_groups_ + std::ceil(windowed / size)) * page_bytes_;
  // Layers of one window each become groups of their own.
  for (Kept& kept : kept_) {
    if (kept.window > 0) kept.layers = std::ceil(kept.layers / size);
  }
}

double KvCache::state_bytes_held() const {
  return paged_ ? state_groups_ * page_bytes_ : state_bytes_;
}

double KvCache::bytes_of(std::int64_t context_tokens) const {
  const std::int64_t blocks = blocks_of(context_tokens, block_tokens_);
  if (paged_) {
    double pages = full_groups_ * as_double(blocks) + state_groups_;
    for (const Kept& kept : kept_) {
      if (kept.window == 0) continue;
      // A window that does not start with a block reaches into one more.
      const std::int64_t held = std::min(blocks, blocks_of(kept.window, block_tokens_) + 1);
      pages += kept.layers * as_double(held);
    }
    return pages * page_bytes_;
  }
  bool mixed = false;
  for (const Kept& kept : kept_) mixed = mixed || kept.window == 0;
  double bytes = state_bytes_;
  for (const Kept& kept : kept_) {
    std::int64_t held = blocks;
    if (kept.window > 0) held = std::min(held, blocks_of(kept.window, block_tokens_));
    double tokens = as_double(held * block_tokens_);
    if (kept.window > 0 && mixed && windows_ == WindowPolicy::kShare) {
      tokens = std::max(tokens, kWindowShare * as_double(blocks * block_tokens_));
    }
    bytes += kept.layers * kept.token_bytes * tokens;
  }
  return bytes;
}

}  // namespace tokencast
