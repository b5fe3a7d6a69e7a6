// Speculative decoding: tokens are drafted, and the model checks them all in one step, at the price
// of a somewhat larger one (arXiv 2211.17192).
//
// Ignores: trees of drafts, the larger batch of the first draft after a step (it takes the tokens
// that were accepted), and the states that recurrent layers keep for each drafted token.
#ifndef TOKENCAST_GRAPH_SPECULATION_H_
#define TOKENCAST_GRAPH_SPECULATION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/layout.h"
#include "graph/operator.h"
#include "graph/step.h"

namespace tokencast {

/// A model that drafts, a token in each of its steps.
struct Draft {
  Architecture architecture;
  WeightFormats weights;
  DType compute = DType::kBf16;  ///< of 16 bit operators
  DType linear_compute = DType::kBf16;
  std::int64_t tp = 1;      ///< ranks that it is split over; the others repeat what it does
  std::int64_t ep = 1;      ///< ranks that its experts are spread over
  bool own_tables = false;  ///< has an embedding table and a head of its own
};

/// What drafts, and how well.
struct Speculation {
  std::int64_t draft_tokens = 1;  ///< for each sequence and step, at least 1
  double acceptance = 0;          ///< probability that a token is accepted if those before it were
  std::optional<Draft> draft;     ///< nothing: drafts cost nothing, as from n-grams of the prompt

  std::int64_t verified_tokens() const { return draft_tokens + 1; }
  /// Expected tokens that a sequence gains in a step: 1 + a + a² + … + a^k.
  double tokens_per_step() const;
};

/// Returns the multi-token-prediction layers of a model as a draft that runs one module for each
/// token. Weights have the formats of the model's last layers; tables are the model's. It must have
/// such layers; ranks are left to the caller.
Draft mtp_draft(const Architecture& architecture, const WeightFormats& weights);

/// Returns what drafts for a model in layout; nullptr where nothing does, or it costs nothing.
const Draft* draft_in(const Layout& layout);

/// Returns how the draft is laid out beside a model in layout: on each stage of a pipeline whole.
Layout layout_of(const Draft& draft, const Layout& layout);

/// Returns the parts as the model computes them: what decodes is checked with its drafts.
std::vector<Step> verified(std::vector<Step> parts, const Speculation& speculation);

/// Returns the operators with which the draft follows a step with these parts, all named "draft":
/// prompts once, what decodes once for each drafted token.
std::vector<Operator> build_drafts(const Layout& layout, const std::vector<Step>& parts);

/// Returns the layers that the draft launches then.
double draft_layers(const Layout& layout, const std::vector<Step>& parts);

/// Returns the bytes of the draft's weights on one rank; 0 without one.
double draft_bytes_per_rank(const Layout& layout);

}  // namespace tokencast

#endif  // TOKENCAST_GRAPH_SPECULATION_H_
