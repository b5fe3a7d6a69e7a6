#include "graph/step.h"

#include <algorithm>

#include "base/overloaded.h"

namespace tokencast {
namespace {

double as_double(std::int64_t value) { return static_cast<double>(value); }

/// Appends operators with the shapes of one rank.
class StepBuilder {
 public:
  StepBuilder(const Architecture& architecture, const Layout& layout, const Step& step)
      : architecture_(architecture),
        layout_(layout),
        step_(step),
        tokens_(as_double(step.sequences) * as_double(step.new_tokens)),
        hidden_(as_double(architecture.hidden)),
        tp_(as_double(layout.tp)) {
    constexpr std::size_t kTypical = 64;
    operators_.reserve(kTypical);
  }

  std::vector<Operator> build() {
    count_ = 1;
    add("embedding", EmbeddingLookup{tokens_, hidden_});
    all_reduce("embedding_all_reduce");  // each rank holds a part of the vocabulary
    for (const LayerGroup& group : architecture_.layers) {
      count_ = as_double(group.count);
      norm("attention_norm");
      std::visit([this](const auto& attention) { add_attention(attention); }, group.attention);
      all_reduce("attention_all_reduce");
      norm("ffn_norm");
      std::visit([this](const auto& ffn) { add_ffn(ffn); }, group.ffn);
      all_reduce("ffn_all_reduce");
    }
    count_ = 1;
    add_head();
    return std::move(operators_);
  }

 private:
  template <class Shape>
  void add(const char* name, const Shape& shape) {
    operators_.push_back({name, count_, layout_.compute, shape});
  }

  /// A linear layer in the format of the model's linear layers.
  void linear(const char* name, double m, double n, double k, double batch = 1) {
    const WeightFormat& format = layout_.weights.linear;
    operators_.push_back({name, count_, layout_.linear_compute, Gemm{m, n, k, batch, format}});
  }

  void experts(const char* name, const MoeFfn& moe, double n, double k) {
    const double touched = expected_experts(as_double(moe.experts), as_double(moe.top_k),
                                            step_.sequences * step_.new_tokens);
    operators_.push_back({name, count_, layout_.linear_compute,
                          GroupedGemm{tokens_ * as_double(moe.top_k), n, k, as_double(moe.experts),
                                      touched, layout_.weights.linear}});
  }

  void elementwise(const char* name, double read, double written, double flops_per_element) {
    add(name, Elementwise{read, written, flops_per_element});
  }

  /// RMSNorm fused with the residual addition: reads x and the residual, writes both.
  void norm(const char* name) {
    elementwise(name, 2 * tokens_ * hidden_, 2 * tokens_ * hidden_, 4);
  }

  void all_reduce(const char* name) {
    if (layout_.tp > 1) add(name, AllReduce{tokens_ * hidden_ * 2, layout_.tp});
  }

  /// What attention of this step reads and multiplies; dimensions are left to the kind of
  /// attention. Prefill makes its keys, a decode step reads all that it attends to from the cache.
  AttentionCore attention_core(double heads, std::int64_t window) const {
    AttentionCore core;
    core.sequences = as_double(step_.sequences);
    core.queries = as_double(step_.new_tokens);
    core.keys_per_query = mean_keys(step_.first_context, step_.last_context, window);
    (step_.phase == Phase::kPrefill ? core.new_keys : core.cached_keys) =
        step_.phase == Phase::kPrefill ? core.queries : core.keys_per_query;
    core.heads = heads;
    core.kv_dtype = layout_.kv_dtype;
    return core;
  }

  void add_attention(const GroupedAttention& a) {
    const double heads = as_double(a.heads) / tp_;
    const double kv_heads = kv_heads_on_rank(a, layout_.tp);
    const double dim = as_double(a.head_dim);
    linear("qkv_projection", tokens_, (heads + 2 * kv_heads) * dim, hidden_);
    const double rotated = tokens_ * (heads + kv_heads) * dim;
    elementwise(a.qk_norm ? "qk_norm_and_rope" : "rope", rotated, rotated, a.qk_norm ? 10 : 6);
    AttentionCore core = attention_core(heads, a.window);
    core.qk_dim = core.v_dim = dim;
    core.kv_elements = 2 * kv_heads * dim;
    add("attention", core);
    linear("output_projection", tokens_, hidden_, heads * dim);
  }

  void add_attention(const LatentAttention& a) {
    const double heads = as_double(a.heads) / tp_;
    const double nope = as_double(a.qk_nope_head_dim);
    const double rope = as_double(a.qk_rope_head_dim);
    const double v_dim = as_double(a.v_head_dim);
    const double rank = as_double(a.kv_lora_rank);
    const double q_rank = as_double(a.q_lora_rank);
    // The down projections are whole on every rank.
    linear("q_kv_down_projection", tokens_, q_rank + rank + rope, hidden_);
    elementwise("latent_norm_and_rope", tokens_ * (q_rank + rank + rope),
                tokens_ * (q_rank + rank + rope), 6);
    linear("q_up_projection", tokens_, heads * (nope + rope), q_rank > 0 ? q_rank : hidden_);
    AttentionCore core = attention_core(heads, 0);
    if (step_.phase == Phase::kPrefill) {
      // K and V are unfolded per head: cheaper where each latent vector meets many queries.
      linear("kv_up_projection", tokens_, heads * (nope + v_dim), rank);
      core.qk_dim = nope + rope;
      core.v_dim = v_dim;
      core.kv_elements = heads * (nope + rope + v_dim);
      add("attention", core);
    } else {
      // The up projections are absorbed into queries and outputs, so that all heads share the
      // latent vectors.
      linear("q_absorb_projection", tokens_, rank, nope, heads);
      core.qk_dim = rank + rope;
      core.v_dim = rank;
      core.kv_elements = rank + rope;
      add("attention", core);
      linear("v_absorb_projection", tokens_, v_dim, rank, heads);
    }
    linear("output_projection", tokens_, hidden_, heads * v_dim);
  }

  void gated_ffn(const char* up, const char* activation, const char* down, double width) {
    linear(up, tokens_, 2 * width, hidden_);
    elementwise(activation, 2 * tokens_ * width, tokens_ * width, 4);
    linear(down, tokens_, hidden_, width);
  }

  void add_ffn(const DenseFfn& ffn) {
    gated_ffn("gate_up_projection", "activation", "down_projection",
              as_double(ffn.intermediate) / tp_);
  }

  void add_ffn(const MoeFfn& moe) {
    const double expert_count = as_double(moe.experts);
    const double rows = tokens_ * as_double(moe.top_k);
    const double width = as_double(moe.intermediate) / tp_;
    add("router", Gemm{tokens_, expert_count, hidden_, 1, layout_.weights.other});
    experts("experts_gate_up", moe, 2 * width, hidden_);
    elementwise("experts_activation", 2 * rows * width, rows * width, 4);
    experts("experts_down", moe, hidden_, width);
    elementwise("experts_combine", rows * hidden_, tokens_ * hidden_, 2);
    if (moe.shared_intermediate > 0) {
      gated_ffn("shared_experts_gate_up", "shared_experts_activation", "shared_experts_down",
                as_double(moe.shared_intermediate) / tp_);
    }
  }

  /// The head runs on the last token of each sequence only.
  void add_head() {
    const double sequences = as_double(step_.sequences);
    const double vocabulary = as_double(architecture_.vocabulary);
    elementwise("final_norm", 2 * sequences * hidden_, sequences * hidden_, 4);
    const WeightFormat& format = layout_.weights.of(Component::kLmHead, /*quantizable=*/true);
    add("lm_head", Gemm{sequences, vocabulary / tp_, hidden_, 1, format});
    if (layout_.tp > 1) add("logits_all_gather", AllGather{sequences * vocabulary * 2, layout_.tp});
    elementwise("sampling", 2 * sequences * vocabulary, 0, 4);  // logits are fp32 by now
  }

  const Architecture& architecture_;
  const Layout& layout_;
  const Step& step_;
  double tokens_, hidden_, tp_;
  double count_ = 1;
  std::vector<Operator> operators_;
};

/// Whether tp ranks get equal parts of width that do not cut through a group of weights with one
/// scale.
bool splits(std::int64_t width, std::int64_t tp, std::int64_t group) {
  return width % tp == 0 && (group == 0 || (width / tp) % group == 0);
}

bool attention_splits(const Attention& attention, std::int64_t tp) {
  return std::visit(Overloaded{
                        [tp](const GroupedAttention& a) {
                          const bool kv_splits = a.kv_heads % tp == 0 || tp % a.kv_heads == 0;
                          return a.heads % tp == 0 && kv_splits;
                        },
                        [tp](const LatentAttention& a) { return a.heads % tp == 0; },
                    },
                    attention);
}

bool ffn_splits(const Ffn& ffn, std::int64_t tp, std::int64_t group) {
  return std::visit(
      Overloaded{
          [=](const DenseFfn& dense) { return splits(dense.intermediate, tp, group); },
          [=](const MoeFfn& moe) {
            const bool shared =
                moe.shared_intermediate == 0 || splits(moe.shared_intermediate, tp, group);
            return shared && splits(moe.intermediate, tp, group);
          },
      },
      ffn);
}

}  // namespace

Step Step::prefill(std::int64_t sequences, std::int64_t prompt_tokens) {
  return {Phase::kPrefill, sequences, prompt_tokens, 1, prompt_tokens};
}

Step Step::decode(std::int64_t sequences, std::int64_t prompt_tokens, std::int64_t output_tokens) {
  const std::int64_t first = prompt_tokens + 1;
  return {Phase::kDecode, sequences, 1, first, std::max(first, prompt_tokens + output_tokens - 1)};
}

std::vector<Operator> build_step(const Architecture& architecture, const Layout& layout,
                                 const Step& step) {
  return StepBuilder(architecture, layout, step).build();
}

std::vector<std::int64_t> legal_tensor_parallel(const Architecture& architecture,
                                                const WeightFormats& weights, std::int64_t most) {
  const std::int64_t group = weights.linear.group;
  std::vector<std::int64_t> legal = {1};
  for (std::int64_t tp = 2; tp <= most; ++tp) {
    const bool all = std::all_of(
        architecture.layers.begin(), architecture.layers.end(), [&](const LayerGroup& layers) {
          return attention_splits(layers.attention, tp) && ffn_splits(layers.ffn, tp, group);
        });
    if (all) legal.push_back(tp);
  }
  return legal;
}

double expected_experts(double experts, double top_k, std::int64_t tokens) {
  // Powers by squaring: only multiplications, so that every platform gets the same bits.
  double untouched = 1;
  double base = 1 - top_k / experts;
  for (std::int64_t exponent = tokens; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) untouched *= base;
    base *= base;
  }
  return experts * (1 - untouched);
}

double mean_keys(std::int64_t first, std::int64_t last, std::int64_t window) {
  const auto mean_of = [](std::int64_t from, std::int64_t to) {
    return (static_cast<double>(from) + static_cast<double>(to)) / 2;
  };
  if (window == 0 || last <= window) return mean_of(first, last);
  if (first >= window) return static_cast<double>(window);
  // Contexts up to the window grow; the rest stay at it.
  const auto growing = static_cast<double>(window - first + 1);
  const auto all = static_cast<double>(last - first + 1);
  return (growing * mean_of(first, window) + (all - growing) * static_cast<double>(window)) / all;
}

}  // namespace tokencast
