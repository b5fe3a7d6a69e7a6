// One step of a model, prefill or decode, as a list of operators on one tensor parallel rank.
//
// A step has one part or several: engines prefill some sequences while others decode.
//
// Ignores: sampling beyond reading the logits, writing of new KV entries, and differences of load
// between experts: routing is uniform.
#ifndef TOKENCAST_GRAPH_STEP_H_
#define TOKENCAST_GRAPH_STEP_H_

#include <cstdint>
#include <vector>

#include "graph/layout.h"
#include "graph/operator.h"
#include "model/weights.h"

namespace tokencast {

enum class Phase { kPrefill, kDecode };

/// What a step computes, or a part of one: sequences, and the contexts that their queries attend
/// to.
struct Step {
  Phase phase = Phase::kPrefill;
  std::int64_t sequences = 1;
  std::int64_t new_tokens = 1;     ///< per sequence
  std::int64_t first_context = 1;  ///< tokens that the first query attends to, itself included
  std::int64_t last_context =
      1;                ///< of the last query; decode: of the last of the steps that are averaged
  double emitting = 1;  ///< tokens of which logits are sampled at the end, for each sequence

  static Step prefill(std::int64_t sequences, std::int64_t prompt_tokens);
  /// The mean of the decode steps after a prompt: the first output token comes from prefill, each
  /// later one attends to the prompt and the outputs before it. With one output token: the step
  /// that would come next.
  static Step decode(std::int64_t sequences, std::int64_t prompt_tokens,
                     std::int64_t output_tokens);
  /// The mean of the chunks in which prompts are prefilled, each attending to the chunks before it;
  /// the last one emits a token. At least one, and at most prompt_tokens chunks.
  static Step chunk(std::int64_t sequences, std::int64_t prompt_tokens, std::int64_t chunks);
};

/// Returns the operators of a step. Layers that are alike are one entry with a count. With
/// layout.speculation what decodes is checked together with its drafts, and drafts follow.
///
/// layout.tp must divide the heads and FFN widths (see legal_tensor_parallel).
std::vector<Operator> build_step(const Architecture& architecture, const Layout& layout,
                                 const Step& step);

/// Returns the operators of a step with several parts, at least one. Linear layers take the tokens
/// of all parts at once and read their weights once; attention and states run part by part.
std::vector<Operator> build_step(const Architecture& architecture, const Layout& layout,
                                 const std::vector<Step>& parts);

/// Returns the operators of a step whose layers run in two halves of the batch, with what is in no
/// layer once; empty where the step is too small to be halved.
std::vector<Operator> build_halves(const Architecture& architecture, const Layout& layout,
                                   const std::vector<Step>& parts);

/// Returns the bytes that one rank keeps of a recurrent mixer's state for one sequence.
double state_bytes_on_rank(const RecurrentMixer& mixer, const Architecture& architecture,
                           std::int64_t tp);

}  // namespace tokencast

#endif  // TOKENCAST_GRAPH_STEP_H_
