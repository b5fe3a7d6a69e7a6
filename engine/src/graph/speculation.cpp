#include "graph/speculation.h"

#include <algorithm>

#include "model/weights.h"

namespace tokencast {
namespace {

/// Calls use with the parts of a step that the draft runs alike, and how often it does.
template <class Use>
void each_run(const Layout& layout, const std::vector<Step>& parts, const Use& use) {
  for (const Phase phase : {Phase::kPrefill, Phase::kDecode}) {
    std::vector<Step> alike;
    for (const Step& part : parts) {
      if (part.phase == phase) alike.push_back(part);
    }
    const std::int64_t runs = phase == Phase::kPrefill ? 1 : layout.speculation->draft_tokens;
    if (!alike.empty()) use(alike, static_cast<double>(runs));
  }
}

/// The format of the model's last layer that has such a tensor.
const WeightFormat& format_of(const WeightTensor& tensor, const Architecture& architecture,
                              const WeightFormats& weights) {
  if (tensor.group == kNoGroup) return weights.of(kNoGroup, tensor.component, tensor.name);
  for (std::size_t group = architecture.layers.size(); group-- > 0;) {
    const WeightFormat& format = weights.of(group, tensor.component, tensor.name);
    if (&format != &weights.other) return format;
  }
  return weights.other;
}

}  // namespace

double Speculation::tokens_per_step() const {
  double tokens = 1;
  for (std::int64_t i = 0; i < draft_tokens; ++i) tokens = 1 + acceptance * tokens;
  return tokens;
}

Draft mtp_draft(const Architecture& architecture, const WeightFormats& weights) {
  Draft draft;
  draft.architecture.hidden = architecture.hidden;
  draft.architecture.vocabulary = architecture.vocabulary;
  draft.architecture.tied_embeddings = architecture.tied_embeddings;
  draft.architecture.lm_head = architecture.lm_head;
  draft.architecture.dtype = architecture.dtype;
  draft.architecture.state_dtype = architecture.state_dtype;
  draft.architecture.layers = architecture.mtp;
  for (LayerGroup& group : draft.architecture.layers) {
    group.count = std::max<std::int64_t>(group.count / architecture.mtp_modules, 1);
  }
  draft.weights.linear = weights.linear;
  draft.weights.other = weights.other;
  for (const WeightTensor& tensor : weight_tensors(draft.architecture)) {
    draft.weights.set(tensor.group, tensor.component, tensor.name,
                      format_of(tensor, architecture, weights));
  }
  return draft;
}

const Draft* draft_in(const Layout& layout) {
  if (!layout.speculation) return nullptr;
  const std::optional<Draft>& draft = layout.speculation->draft;
  return draft ? &*draft : nullptr;
}

Layout layout_of(const Draft& draft, const Layout& layout) {
  Layout own = layout;
  own.speculation = nullptr;
  own.offload = {};
  own.weights = draft.weights;
  own.compute = draft.compute;
  own.linear_compute = draft.linear_compute;
  own.pp = 1;
  own.tp = draft.tp;
  own.ep = draft.ep;
  return own;
}

std::vector<Step> verified(std::vector<Step> parts, const Speculation& speculation) {
  for (Step& part : parts) {
    if (part.phase != Phase::kDecode) continue;
    part.new_tokens = speculation.verified_tokens();
    part.last_context += speculation.draft_tokens;
    part.emitting = static_cast<double>(part.new_tokens);
  }
  return parts;
}

std::vector<Operator> build_drafts(const Layout& layout, const std::vector<Step>& parts) {
  std::vector<Operator> all;
  const Draft* draft = draft_in(layout);
  if (draft == nullptr) return all;
  each_run(layout, parts, [&](const std::vector<Step>& alike, double runs) {
    for (Operator& op : build_step(draft->architecture, layout_of(*draft, layout), alike)) {
      op.name = "draft";
      op.group = kNoGroup;
      op.count *= runs;
      all.push_back(op);
    }
  });
  return all;
}

double draft_layers(const Layout& layout, const std::vector<Step>& parts) {
  double layers = 0;
  const Draft* draft = draft_in(layout);
  if (draft == nullptr) return layers;
  const auto each = static_cast<double>(layers_of(draft->architecture));
  each_run(layout, parts, [&](const std::vector<Step>&, double runs) { layers += runs * each; });
  return layers;
}

double draft_bytes_per_rank(const Layout& layout) {
  const Draft* draft = draft_in(layout);
  if (draft == nullptr) return 0;
  const RankWeights weights =
      rank_weights(draft->architecture, draft->weights, draft->tp, draft->ep);
  return weights.layer_bytes + (draft->own_tables ? weights.first_bytes + weights.last_bytes : 0);
}

}  // namespace tokencast
