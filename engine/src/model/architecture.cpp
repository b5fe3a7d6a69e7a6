#include "model/architecture.h"

#include <algorithm>

#include "base/overloaded.h"

namespace tokencast {

std::string attention_name(const Attention& attention) {
  return std::visit(Overloaded{
                        [](const GroupedAttention& grouped) {
                          if (grouped.kv_heads == grouped.heads) return "mha";
                          return grouped.kv_heads == 1 ? "mqa" : "gqa";
                        },
                        [](const LatentAttention&) { return "mla"; },
                    },
                    attention);
}

double kv_elements_per_token(const Attention& attention) {
  return kv_elements_on_rank(attention, /*tp=*/1);
}

double kv_heads_on_rank(const GroupedAttention& attention, std::int64_t tp) {
  return static_cast<double>(attention.kv_heads) /
         static_cast<double>(std::min(tp, attention.kv_heads));
}

double kv_elements_on_rank(const Attention& attention, std::int64_t tp) {
  return std::visit(Overloaded{
                        [tp](const GroupedAttention& grouped) {
                          const double k_and_v = 2;
                          return k_and_v * kv_heads_on_rank(grouped, tp) *
                                 static_cast<double>(grouped.head_dim);
                        },
                        [](const LatentAttention& latent) {
                          return static_cast<double>(latent.kv_lora_rank + latent.qk_rope_head_dim);
                        },
                    },
                    attention);
}

std::int64_t window_of(const Attention& attention) {
  return std::visit(Overloaded{
                        [](const GroupedAttention& grouped) { return grouped.window; },
                        [](const LatentAttention&) { return std::int64_t{0}; },
                    },
                    attention);
}

}  // namespace tokencast
