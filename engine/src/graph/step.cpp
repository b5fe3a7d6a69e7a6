#include "graph/step.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "graph/means.h"
#include "graph/speculation.h"

namespace tokencast {
namespace {

// Bytes of an activation, and of one sent in fp8.
constexpr double kSixteenBit = 2;
constexpr double kEightBit = 1;

double as_double(std::int64_t value) { return static_cast<double>(value); }

/// Appends operators with the shapes of one rank.
class StepBuilder {
 public:
  StepBuilder(const Architecture& architecture, const Layout& layout,
              const std::vector<Step>& parts)
      : architecture_(architecture),
        layout_(layout),
        parts_(parts),
        part_(parts.data()),
        hidden_(as_double(architecture.hidden)),
        tp_(as_double(layout.tp)) {
    for (const Step& part : parts) whole_tokens_ += part.sequences * part.new_tokens;
    tokens_ = as_double(whole_tokens_);
    constexpr std::size_t kTypical = 64;
    operators_.reserve(kTypical);
  }

  std::vector<Operator> build() {
    group_ = kNoGroup;
    count_ = 1;
    add("embedding", EmbeddingLookup{tokens_, hidden_});
    all_reduce("embedding_all_reduce");  // each rank holds a part of the vocabulary
    for (std::size_t i = 0; i < architecture_.layers.size(); ++i) {
      group_ = i;
      add_layers(architecture_.layers[i]);
    }
    group_ = kNoGroup;
    add_sends();
    count_ = 1;
    add_head();
    return std::move(operators_);
  }

 private:
  template <class Shape>
  void add(const char* name, const Shape& shape) {
    operators_.push_back({name, count_, layout_.compute, shape, group_});
  }

  /// The format of several tensors that run as one: the first one's, with the mean of their bits.
  WeightFormat format(Component component, std::initializer_list<std::string_view> names) const {
    WeightFormat first = layout_.weights.of(group_, component, *names.begin());
    double bits = 0;
    for (const std::string_view name : names) {
      bits += layout_.weights.of(group_, component, name).bits;
    }
    first.bits = bits / static_cast<double>(names.size());
    return first;
  }

  /// What is multiplied, given how the weights are stored.
  DType compute(const WeightFormat& weights) const {
    return weights.dtype == layout_.weights.linear.dtype &&
                   weights.weight_only == layout_.weights.linear.weight_only
               ? layout_.linear_compute
               : layout_.compute;
  }

  void gemm(const char* name, const Gemm& shape) {
    operators_.push_back({name, count_, compute(shape.weights), shape, group_});
  }

  void attention_linear(const char* name, double n, double k,
                        std::initializer_list<std::string_view> tensors, double batch = 1) {
    attention_linear_of(tokens_, name, n, k, tensors, batch);
  }

  /// The same over other tokens than the step's.
  void attention_linear_of(double tokens, const char* name, double n, double k,
                           std::initializer_list<std::string_view> tensors, double batch = 1) {
    if (n <= 0 || k <= 0) return;
    gemm(name, Gemm{tokens, n, k, batch, format(Component::kAttention, tensors)});
  }

  /// Calls add for each part, which part_ is meanwhile.
  template <class Add>
  void each_part(const Add& add_part) {
    for (const Step& part : parts_) {
      part_ = &part;
      add_part();
    }
  }

  double part_tokens() const { return as_double(part_->sequences) * as_double(part_->new_tokens); }

  /// Tokens of each sequence that steps before this one have put into the cache.
  double cached_tokens() const { return as_double(part_->first_context - 1); }

  /// Up projections and, in another format perhaps, the down projection.
  WeightFormat experts_format(bool gated) const {
    WeightFormat mean = format(Component::kExperts, {"up_proj"});
    const double ups = gated ? 2 : 1;
    const double down = format(Component::kExperts, {"down_proj"}).bits;
    mean.bits = (ups * mean.bits + down) / (ups + 1);
    return mean;
  }

  void elementwise(const char* name, double read, double written, double flops_per_element) {
    add(name, Elementwise{read, written, flops_per_element});
  }

  void communicate(const char* name, Exchange kind, double payload_bytes, std::int64_t ranks) {
    if (ranks < 2) return;
    add(name, Communication{kind, payload_bytes, ranks, domains_of(layout_, ranks)});
  }

  /// Values that each rank sends to experts or takes from them. A token goes once to each rank that
  /// has an expert of it; with prompts once to each node, where it is handed on (DeepEP's kernels
  /// of low latency and of high throughput).
  void exchange(const char* name, double values, const MoeFfn& moe, double value_bytes) {
    const double bytes = values * value_bytes;
    const double copies = ranks_of_token(as_double(layout_.ep), moe.real_top_k());
    const std::int64_t nodes = domains_of(layout_, layout_.ep);
    const bool prompts = std::any_of(parts_.begin(), parts_.end(), [](const Step& part) {
      return part.phase == Phase::kPrefill;
    });
    const double domains = as_double(nodes);
    const double reached = prompts ? ranks_of_token(domains, moe.real_top_k()) : copies;
    add(name, Communication{Exchange::kAllToAll, bytes * copies, layout_.ep, nodes,
                            bytes * reached * (domains - 1) / domains});
  }

  void all_reduce(const char* name) {
    communicate(name, Exchange::kAllReduce, tokens_ * hidden_ * kSixteenBit, layout_.tp);
  }

  /// Hidden states and residual go from stage to stage, each tensor parallel rank its part.
  void add_sends() {
    if (layout_.pp == 1) return;
    const double payload = 2 * tokens_ * hidden_ * kSixteenBit / tp_;
    const std::int64_t stage = layout_.tp * layout_.attention_replicas();
    const std::int64_t far = std::min(domains_of(layout_, layout_.pp, stage), layout_.pp) - 1;
    const std::int64_t near = layout_.pp - 1 - far;
    count_ = as_double(near);
    if (near > 0) add("stage_send", Communication{Exchange::kSend, payload, 2, 1});
    count_ = as_double(far);
    if (far > 0) add("stage_send", Communication{Exchange::kSend, payload, 2, 2});
  }

  void add_layers(const LayerGroup& group) {
    const Layer& layer = group.layer;
    if (only_images(layer)) return;
    if (layer.norms > 0) {
      // RMSNorm fused with the residual addition: reads x and the residual, writes both.
      count_ = as_double(group.count * layer.norms);
      elementwise("norm", 2 * tokens_ * hidden_, 2 * tokens_ * hidden_, 4);
    }
    count_ = as_double(group.count);
    for (const Mixer& mixer : layer.mixers) {
      std::visit([this](const auto& kind) { add_mixer(kind); }, mixer);
      if (!layer.parallel) all_reduce("attention_all_reduce");
    }
    for (const Ffn& ffn : layer.ffns) {
      std::visit([this](const auto& kind) { add_ffn(kind); }, ffn);
    }
    for (const Linear& linear : layer.linears) {
      const double shared = linear.sharding == Sharding::kSplit ? tp_ : 1;
      gemm("other_linear", Gemm{tokens_, as_double(linear.out) / shared, as_double(linear.in), 1,
                                layout_.weights.of(group_, linear.component, linear.name)});
    }
    // Residual mixing: every weight meets every token.
    if (layer.other_elements > architecture_.hidden) {
      gemm("residual_mixing", Gemm{tokens_, as_double(layer.other_elements) / hidden_, hidden_, 1,
                                   layout_.weights.other});
    }
    if (!layer.ffns.empty()) all_reduce("ffn_all_reduce");
  }

  /// Layers that attend to image tokens are left out of steps without images.
  static bool only_images(const Layer& layer) {
    const auto* grouped =
        layer.mixers.empty() ? nullptr : std::get_if<GroupedAttention>(&layer.mixers.front());
    return grouped != nullptr && grouped->cross;
  }

  /// What attention of this part reads and multiplies; dimensions are left to the kind of
  /// attention. Prefill makes its keys and reads those of earlier chunks, a decode step reads all
  /// that it attends to from the cache.
  AttentionCore attention_core(double heads, double keys) const {
    AttentionCore core;
    core.sequences = as_double(part_->sequences);
    core.queries = as_double(part_->new_tokens);
    core.keys_per_query = keys;
    const bool prefill = part_->phase == Phase::kPrefill;
    core.new_keys = prefill ? core.queries : 0;
    core.cached_keys = prefill ? std::min(cached_tokens(), keys) : keys;
    core.heads = heads;
    core.kv_dtype = layout_.kv_dtype;
    return core;
  }

  double keys(std::int64_t window) const {
    return mean_keys(part_->first_context, part_->last_context, window);
  }

  void add_indexer_projections(const SparseIndexer& indexer, std::int64_t ratio) {
    const double width = as_double(indexer.heads * indexer.head_dim);
    attention_linear("indexer_query", width, as_double(indexer.query_input), {"indexer.wq_b"});
    if (ratio == 1)
      attention_linear("indexer_key", as_double(indexer.head_dim), hidden_, {"indexer.wk"});
  }

  /// Scores all of the context with the indexer; returns the keys that attention then reads.
  double add_indexer_scores(const SparseIndexer& indexer, std::int64_t ratio) {
    AttentionCore core = attention_core(as_double(indexer.heads), keys(0) / as_double(ratio));
    core.qk_dim = as_double(indexer.head_dim);
    core.kv_elements = as_double(indexer.head_dim);
    core.kv_dtype = DType::kFp8;
    add("indexer_scores", core);
    return std::min(keys(indexer.top_k * ratio), keys(0)) / as_double(ratio);
  }

  void add_mixer(const GroupedAttention& a) {
    const double heads = as_double(a.heads) / tp_;
    const double kv_heads = kv_heads_on_rank(a.kv_heads, layout_.tp);
    const double dim = as_double(a.head_dim);
    const double v_dim = as_double(a.value_dim());
    const double input = a.input > 0 ? as_double(a.input) : hidden_;
    const double gate = a.gate == OutputGate::kElement ? heads * v_dim
                        : a.gate == OutputGate::kHead  ? heads
                                                       : 0;
    const bool own_kv = !a.shares_kv && !a.reuses_kv;
    const double kv_width = own_kv ? kv_heads * (dim + (a.keys_are_values ? 0 : v_dim)) : 0;
    if (a.q_lora_rank > 0) {
      attention_linear("q_down_projection", as_double(a.q_lora_rank), input, {"q_a_proj"});
      attention_linear("q_up_projection", heads * dim, as_double(a.q_lora_rank), {"q_proj"});
      attention_linear("kv_projection", kv_width, input, {"k_proj", "v_proj"});
    } else if (own_kv && !a.keys_are_values) {
      attention_linear("qkv_projection", heads * dim + kv_width + gate, input,
                       {"q_proj", "k_proj", "v_proj"});
    } else {
      attention_linear("qkv_projection", heads * dim + kv_width + gate, input, {"q_proj"});
    }
    const double rotated = tokens_ * (heads + (own_kv ? kv_heads : 0)) * dim;
    const bool normed = a.qk_norm != QkNorm::kNone;
    elementwise(normed ? "qk_norm_and_rope" : "rope", rotated, rotated, normed ? 10 : 6);
    if (a.indexer) add_indexer_projections(*a.indexer, 1);
    each_part([&] {
      double read = a.chunked
                        ? mean_chunked_keys(part_->first_context, part_->last_context, a.window)
                        : keys(a.window);
      if (a.indexer) read = add_indexer_scores(*a.indexer, 1);
      AttentionCore core = attention_core(heads, read);
      core.qk_dim = dim;
      core.v_dim = v_dim;
      core.kv_elements = kv_heads * (dim + v_dim);
      core.window = as_double(a.window);
      add("attention", core);
    });
    attention_linear("output_projection", hidden_, heads * v_dim, {"o_proj"});
  }

  void add_mixer(const LatentAttention& a) {
    const double heads = as_double(a.heads) / tp_;
    const double nope = as_double(a.qk_nope_head_dim);
    const double rope = as_double(a.qk_rope_head_dim);
    const double v_dim = as_double(a.v_head_dim);
    const double rank = as_double(a.kv_lora_rank);
    const double q_rank = as_double(a.q_lora_rank);
    const double gate = a.output_gate ? heads * v_dim : a.head_gate ? heads : 0;
    // The down projections are whole on every rank.
    attention_linear("q_kv_down_projection", q_rank + rank + rope, hidden_, {"kv_a_proj_with_mqa"});
    elementwise("latent_norm_and_rope", tokens_ * (q_rank + rank + rope),
                tokens_ * (q_rank + rank + rope), 6);
    if (q_rank > 0) {
      attention_linear("q_up_projection", heads * (nope + rope), q_rank, {"q_b_proj"});
    } else {
      attention_linear("q_up_projection", heads * (nope + rope), hidden_, {"q_proj"});
    }
    attention_linear("output_gate", gate, hidden_, {"g_proj"});
    if (a.indexer) add_indexer_projections(*a.indexer, 1);
    each_part([&] { add_latent_attention(a, heads); });
    attention_linear("output_projection", hidden_, heads * v_dim, {"o_proj"});
  }

  void add_latent_attention(const LatentAttention& a, double heads) {
    const double nope = as_double(a.qk_nope_head_dim);
    const double rope = as_double(a.qk_rope_head_dim);
    const double v_dim = as_double(a.v_head_dim);
    const double rank = as_double(a.kv_lora_rank);
    const double read = a.indexer ? add_indexer_scores(*a.indexer, 1) : keys(0);
    AttentionCore core = attention_core(heads, read);
    core.latent = true;
    if (part_->phase == Phase::kPrefill) {
      // K and V are unfolded per head, also those of earlier chunks: cheaper where each latent
      // vector meets many queries.
      const double cached = as_double(part_->sequences) * core.cached_keys;
      attention_linear_of(part_tokens() + cached, "kv_up_projection", heads * (nope + v_dim), rank,
                          {"kv_b_proj"});
      core.new_keys += core.cached_keys;
      core.cached_keys = 0;
      core.qk_dim = nope + rope;
      core.v_dim = v_dim;
      core.kv_elements = heads * (nope + rope + v_dim);
      add("attention", core);
    } else {
      // The up projections are absorbed into queries and outputs, so that all heads share the
      // latent vectors.
      attention_linear_of(part_tokens(), "q_absorb_projection", rank, nope, {"kv_b_proj"}, heads);
      core.qk_dim = rank + rope;
      core.v_dim = rank;
      core.kv_elements = rank + rope;
      add("attention", core);
      attention_linear_of(part_tokens(), "v_absorb_projection", v_dim, rank, {"kv_b_proj"}, heads);
    }
  }

  void add_mixer(const CompressedAttention& a) {
    const double heads = as_double(a.heads) / tp_;
    const double dim = as_double(a.head_dim);
    const double q_rank = as_double(a.q_lora_rank);
    const double groups = as_double(a.output_groups);
    const double o_rank = groups * as_double(a.o_lora_rank);
    attention_linear("q_kv_down_projection", q_rank + dim, hidden_, {"q_a_proj", "kv_proj"});
    attention_linear("q_up_projection", heads * dim, q_rank, {"q_b_proj"});
    elementwise("latent_norm_and_rope", tokens_ * heads * dim, tokens_ * heads * dim, 10);
    if (a.ratio > 0) {
      const double compressed = 2 * as_double(a.overlap) * dim;
      attention_linear("compressor", compressed, hidden_, {"compressor.kv_proj"});
      if (a.indexer) add_indexer_projections(*a.indexer, a.ratio);
    }
    each_part([&] {
      double read = keys(a.window);
      if (a.ratio > 0) {
        read += a.indexer ? add_indexer_scores(*a.indexer, a.ratio) : keys(0) / as_double(a.ratio);
      }
      AttentionCore core = attention_core(heads, read);
      core.qk_dim = dim;
      core.v_dim = dim;
      core.kv_elements = dim;
      add("attention", core);
    });
    attention_linear("output_down_projection", o_rank / groups, as_double(a.heads) * dim / groups,
                     {"o_a_proj"}, std::max(groups / tp_, 1.0));
    attention_linear("output_projection", hidden_, o_rank / tp_, {"o_b_proj"});
  }

  void add_mixer(const RecurrentMixer& mixer) {
    double width = 0;
    for (const Linear& linear : mixer.linears) {
      // Inner widths are split: the input of the last projection, the output of the others.
      const bool last = linear.out == architecture_.hidden;
      const double part = linear.sharding == Sharding::kSplit ? tp_ : 1;
      const double in = as_double(linear.in) / (last ? part : 1);
      const double out = as_double(linear.out) / (last ? 1 : part);
      if (!last) width += out;
      gemm("mixer_projection",
           Gemm{tokens_, out, in, 1, layout_.weights.of(group_, linear.component, linear.name)});
    }
    each_part([&] {
      StateUpdate update;
      update.sequences = as_double(part_->sequences);
      update.tokens = part_tokens();
      update.flops_per_token = mixer.flops_per_token / tp_;
      update.state_bytes = state_bytes_on_rank(mixer, architecture_, layout_.tp);
      update.token_elements = 2 * width;
      update.heads = as_double(mixer.heads) / tp_;
      update.delta_rule =
          mixer.kind == RecurrentKind::kGatedDeltaNet || mixer.kind == RecurrentKind::kKimiDelta;
      add("state_update", update);
    });
  }

  /// Up and down projections around an activation; a gate doubles the first.
  void ffn(const char* up, const char* activation, const char* down, double width, bool gated,
           Component component) {
    const double ups = gated ? 2 : 1;
    gemm(up, Gemm{tokens_, ups * width, hidden_, 1, format(component, {"up_proj"})});
    elementwise(activation, ups * tokens_ * width, tokens_ * width, 4);
    gemm(down, Gemm{tokens_, hidden_, width, 1, format(component, {"down_proj"})});
  }

  void add_ffn(const DenseFfn& dense) {
    ffn("gate_up_projection", "activation", "down_projection", as_double(dense.intermediate) / tp_,
        dense.gated, Component::kFfn);
  }

  void add_ffn(const MoeFfn& moe) {
    if (moe.idle) return;
    const double routes = as_double(moe.experts + moe.zero_experts);
    const double width = as_double(moe.intermediate) / as_double(layout_.expert_tp());
    // Replicas that share experts step together, with as many tokens each.
    const std::int64_t replicas = layout_.attention_replicas();
    const double ep = as_double(layout_.ep);
    const double input = moe.input > 0 ? as_double(moe.input) : hidden_;
    add("router", Gemm{tokens_, routes, hidden_, 1, layout_.weights.other});
    if (moe.input > 0) {
      gemm("latent_down_projection",
           Gemm{tokens_, input, hidden_, 1, format(Component::kExperts, {"latent_down_proj"})});
    }
    Experts experts;
    // All wait for the busiest rank, which no more than all rows can go to.
    const double skew = std::min(layout_.expert_skew, ep);
    experts.tokens = skew * tokens_ * as_double(replicas);
    experts.rows = experts.tokens * moe.real_top_k() / ep;
    experts.hidden = input;
    experts.width = width;
    experts.top_k = moe.real_top_k();
    experts.experts = as_double(moe.experts) / ep;
    experts.ep = ep;
    // Engines that share experts over replicas move and copy them until loads are alike.
    experts.dispatched = replicas > 1;
    experts.experts_read =
        expected_experts(as_double(moe.experts), experts.top_k,
                         static_cast<std::int64_t>(skew * as_double(whole_tokens_ * replicas))) /
        ep;
    experts.gated = moe.gated;
    experts.weights = experts_format(moe.gated);
    // A replica's ranks share the work; the busiest one takes and gives back as many times more.
    const double sent = skew * tokens_ / tp_ * input;
    const bool eight_bit = bits_of(compute(experts.weights)) <= 8;
    if (replicas > 1) exchange("dispatch", sent, moe, eight_bit ? kEightBit : kSixteenBit);
    operators_.push_back({"experts", count_, compute(experts.weights), experts, group_});
    if (replicas > 1) exchange("combine", sent, moe, kSixteenBit);
    if (moe.input > 0) {
      gemm("latent_up_projection",
           Gemm{tokens_, hidden_, input, 1, format(Component::kExperts, {"latent_up_proj"})});
    }
    if (moe.shared_intermediate > 0) {
      ffn("shared_experts_gate_up", "shared_experts_activation", "shared_experts_down",
          as_double(moe.shared_intermediate) / tp_, moe.gated, Component::kSharedExperts);
    }
  }

  /// The head runs on the last token of each sequence only, where it ends its prompt or decodes.
  void add_head() {
    double sequences = 0;
    for (const Step& part : parts_) sequences += as_double(part.sequences) * part.emitting;
    const double vocabulary = as_double(architecture_.vocabulary);
    elementwise("final_norm", 2 * sequences * hidden_, sequences * hidden_, 4);
    if (!architecture_.lm_head) return;
    const bool tied = architecture_.tied_embeddings;
    const WeightFormat& format =
        layout_.weights.of(kNoGroup, tied ? Component::kEmbedding : Component::kLmHead,
                           tied ? "embed_tokens" : "lm_head");
    gemm("lm_head", Gemm{sequences, vocabulary / tp_, hidden_, 1, format});
    communicate("logits_all_gather", Exchange::kAllGather, sequences * vocabulary * kSixteenBit,
                layout_.tp);
    elementwise("sampling", 2 * sequences * vocabulary, 0, 4);  // logits are fp32 by now
  }

  const Architecture& architecture_;
  const Layout& layout_;
  const std::vector<Step>& parts_;
  const Step* part_;
  std::int64_t whole_tokens_ = 0;
  double tokens_ = 0;
  double hidden_, tp_;
  std::size_t group_ = kNoGroup;
  double count_ = 1;
  std::vector<Operator> operators_;
};

/// Sets what operators of layers read from the host: all weights in the same share, and of the KV
/// what the accelerator has no room for.
void read_from_host(const Architecture& architecture, const Layout& layout,
                    std::vector<Operator>& operators) {
  const Offload& host = layout.offload;
  if (host.weight_bytes == 0 && host.kv_bytes == 0) return;
  const double weights =
      std::min(host.weight_bytes / layer_bytes_per_rank(architecture, layout), 1.0);
  double kv_bytes = 0;
  const auto attends = [](const Operator& op) {
    return op.group != kNoGroup && std::holds_alternative<AttentionCore>(op.shape);
  };
  for (const Operator& op : operators) {
    if (attends(op)) kv_bytes += op.count * bytes_of(op).kv;
  }
  const double beyond = std::min(std::max(kv_bytes - host.kv_pool_bytes, 0.0), host.kv_bytes);
  for (Operator& op : operators) {
    if (attends(op)) {
      op.host_share = kv_bytes > 0 ? beyond / kv_bytes : 0;
    } else if (op.group != kNoGroup && bytes_of(op).weights > 0) {
      op.host_share = weights;
    }
  }
}

}  // namespace

Step Step::prefill(std::int64_t sequences, std::int64_t prompt_tokens) {
  return {Phase::kPrefill, sequences, prompt_tokens, 1, prompt_tokens};
}

Step Step::chunk(std::int64_t sequences, std::int64_t prompt_tokens, std::int64_t chunks) {
  // The middle one: FLOPs and bytes grow in proportion to what is cached before it.
  const std::int64_t tokens = (prompt_tokens + chunks - 1) / chunks;
  const std::int64_t cached = (prompt_tokens - tokens) / 2;
  return {Phase::kPrefill, sequences,       tokens,
          cached + 1,      cached + tokens, 1 / static_cast<double>(chunks)};
}

Step Step::decode(std::int64_t sequences, std::int64_t prompt_tokens, std::int64_t output_tokens) {
  const std::int64_t first = prompt_tokens + 1;
  return {Phase::kDecode, sequences, 1, first, std::max(first, prompt_tokens + output_tokens - 1)};
}

std::vector<Operator> build_step(const Architecture& architecture, const Layout& layout,
                                 const Step& step) {
  return build_step(architecture, layout, std::vector<Step>{step});
}

std::vector<Operator> build_step(const Architecture& architecture, const Layout& layout,
                                 const std::vector<Step>& parts) {
  const Speculation* speculation = layout.speculation.get();
  const std::vector<Step>& checked = speculation != nullptr ? verified(parts, *speculation) : parts;
  std::vector<Operator> operators = StepBuilder(architecture, layout, checked).build();
  if (speculation != nullptr) {
    for (const Operator& op : build_drafts(layout, parts)) operators.push_back(op);
  }
  read_from_host(architecture, layout, operators);
  return operators;
}

std::vector<Operator> build_halves(const Architecture& architecture, const Layout& layout,
                                   const std::vector<Step>& parts) {
  // vLLM's thresholds (v0.11, --dbo-decode-token-threshold, --dbo-prefill-token-threshold).
  constexpr std::int64_t kFewestDecoded = 32;
  constexpr std::int64_t kFewestOfPrompts = 512;
  std::int64_t decoded = 0;
  std::int64_t of_prompts = 0;
  std::vector<Step> half = parts;
  for (Step& part : half) {
    (part.phase == Phase::kDecode ? decoded : of_prompts) += part.sequences * part.new_tokens;
    if (part.sequences > 1) {
      part.sequences = largest_share(part.sequences, 2);
    } else if (part.phase == Phase::kPrefill) {
      // A single prompt is cut in two: this is their mean.
      const std::int64_t cut = part.new_tokens / 2;
      part.new_tokens -= cut;
      part.first_context += cut / 2;
      part.last_context -= cut - cut / 2;
      part.emitting /= 2;
    }
  }
  if (decoded < kFewestDecoded && of_prompts < kFewestOfPrompts) return {};
  std::vector<Operator> operators;
  for (const Operator& op : build_step(architecture, layout, parts)) {
    if (op.group == kNoGroup) operators.push_back(op);
  }
  for (Operator& op : build_step(architecture, layout, half)) {
    if (op.group == kNoGroup) continue;
    op.count *= 2;
    operators.push_back(op);
  }
  read_from_host(architecture, layout, operators);
  return operators;
}

double state_bytes_on_rank(const RecurrentMixer& mixer, const Architecture& architecture,
                           std::int64_t tp) {
  const double bits = as_double(mixer.conv_state) * bits_of(architecture.dtype) +
                      as_double(mixer.recurrent_state) * bits_of(architecture.state_dtype);
  return bits / 8 / as_double(tp);
}

}  // namespace tokencast
