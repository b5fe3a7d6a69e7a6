#include "model/architecture.h"

namespace tokencast {

std::string attention_name(const Attention& attention) {
  const auto* grouped = std::get_if<GroupedAttention>(&attention);
  if (grouped == nullptr) return "mla";
  if (grouped->kv_heads == grouped->heads) return "mha";
  return grouped->kv_heads == 1 ? "mqa" : "gqa";
}

double kv_elements_per_token(const Attention& attention) {
  if (const auto* grouped = std::get_if<GroupedAttention>(&attention)) {
    return 2.0 * static_cast<double>(grouped->kv_heads * grouped->head_dim);  // K and V
  }
  const auto& latent = std::get<LatentAttention>(attention);
  return static_cast<double>(latent.kv_lora_rank + latent.qk_rope_head_dim);
}

std::int64_t window_of(const Attention& attention) {
  const auto* grouped = std::get_if<GroupedAttention>(&attention);
  return grouped == nullptr ? 0 : grouped->window;
}

}  // namespace tokencast
