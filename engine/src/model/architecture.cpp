#include "model/architecture.h"

#include <algorithm>

#include "base/overloaded.h"

namespace tokencast {
namespace {

std::string name_of(RecurrentKind kind) {
  switch (kind) {
    case RecurrentKind::kGatedDeltaNet:
      return "gated_delta_net";
    case RecurrentKind::kKimiDelta:
      return "kda";
    case RecurrentKind::kLightning:
      return "lightning";
    case RecurrentKind::kMamba1:
      return "mamba1";
    case RecurrentKind::kMamba2:
      return "mamba2";
    case RecurrentKind::kShortConvolution:
      return "short_convolution";
    case RecurrentKind::kGatedLinear:
      return "gated_linear_recurrence";
    case RecurrentKind::kRwkv:
      break;
  }
  return "rwkv";
}

/// Whether a mixer caches K and V of its own for each token of text.
bool caches(const GroupedAttention& attention) {
  return !attention.shares_kv && !attention.reuses_kv && !attention.cross;
}

const SparseIndexer* indexer_of(const Mixer& mixer) {
  return std::visit(Overloaded{
                        [](const RecurrentMixer&) -> const SparseIndexer* { return nullptr; },
                        [](const auto& attention) -> const SparseIndexer* {
                          return attention.indexer ? &*attention.indexer : nullptr;
                        },
                    },
                    mixer);
}

}  // namespace

std::int64_t Architecture::layer_count() const {
  std::int64_t count = 0;
  for (const LayerGroup& group : layers) count += static_cast<std::int64_t>(group.indices.size());
  return count;
}

void add_layer(std::vector<LayerGroup>& groups, Layer layer) {
  std::int64_t index = 0;
  for (const LayerGroup& group : groups) index += static_cast<std::int64_t>(group.indices.size());
  auto same = std::find_if(groups.begin(), groups.end(), [&](const LayerGroup& group) {
    return !group.indices.empty() && group.layer == layer;
  });
  if (same == groups.end()) {
    groups.push_back({std::move(layer), 0, 0, {}});
    same = groups.end() - 1;
  }
  ++same->count;
  ++same->stored;
  same->indices.push_back(index);
}

std::string mixer_name(const Mixer& mixer) {
  return std::visit(Overloaded{
                        [](const GroupedAttention& grouped) -> std::string {
                          if (grouped.cross) return "cross";
                          if (grouped.kv_heads == grouped.heads) return "mha";
                          return grouped.kv_heads == 1 ? "mqa" : "gqa";
                        },
                        [](const LatentAttention&) -> std::string { return "mla"; },
                        [](const CompressedAttention& compressed) -> std::string {
                          if (compressed.ratio == 0) return "compressed_window";
                          return compressed.indexer ? "compressed_sparse" : "compressed_dense";
                        },
                        [](const RecurrentMixer& recurrent) { return name_of(recurrent.kind); },
                    },
                    mixer);
}

std::string ffn_name(const Ffn& ffn) {
  return std::visit(
      Overloaded{
          [](const DenseFfn& dense) -> std::string { return dense.gated ? "gated" : "plain"; },
          [](const MoeFfn&) -> std::string { return "moe"; },
      },
      ffn);
}

std::string attention_name(const Architecture& architecture) {
  std::string first;
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) {
      if (!std::holds_alternative<RecurrentMixer>(mixer)) return mixer_name(mixer);
      if (first.empty()) first = mixer_name(mixer);
    }
  }
  return first;
}

double kv_elements_per_token(const Mixer& mixer) { return kv_elements_on_rank(mixer, /*tp=*/1); }

double kv_heads_on_rank(std::int64_t kv_heads, std::int64_t tp) {
  return static_cast<double>(kv_heads) / static_cast<double>(std::min(tp, kv_heads));
}

double kv_elements_on_rank(const Mixer& mixer, std::int64_t tp) {
  return std::visit(Overloaded{
                        [tp](const GroupedAttention& grouped) {
                          if (!caches(grouped)) return 0.0;
                          return kv_heads_on_rank(grouped.kv_heads, tp) *
                                 static_cast<double>(grouped.head_dim + grouped.value_dim());
                        },
                        [](const LatentAttention& latent) {
                          return static_cast<double>(latent.kv_lora_rank + latent.qk_rope_head_dim);
                        },
                        [](const CompressedAttention& compressed) {
                          return static_cast<double>(compressed.head_dim);
                        },
                        [](const RecurrentMixer&) { return 0.0; },
                    },
                    mixer);
}

double compressed_elements_per_token(const Mixer& mixer) {
  const auto* compressed = std::get_if<CompressedAttention>(&mixer);
  if (compressed == nullptr || compressed->ratio == 0) return 0;
  return static_cast<double>(compressed->head_dim) / static_cast<double>(compressed->ratio);
}

double index_elements_per_token(const Mixer& mixer) {
  const SparseIndexer* indexer = indexer_of(mixer);
  if (indexer == nullptr) return 0;
  const auto* compressed = std::get_if<CompressedAttention>(&mixer);
  const auto ratio = static_cast<double>(compressed == nullptr ? 1 : compressed->ratio);
  return static_cast<double>(indexer->head_dim) / ratio;
}

std::int64_t window_of(const Mixer& mixer) {
  if (const auto* grouped = std::get_if<GroupedAttention>(&mixer)) return grouped->window;
  const auto* compressed = std::get_if<CompressedAttention>(&mixer);
  return compressed == nullptr ? 0 : compressed->window;
}

}  // namespace tokencast
