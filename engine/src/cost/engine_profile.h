// What an engine adds to the kernels of a step.
#ifndef TOKENCAST_COST_ENGINE_PROFILE_H_
#define TOKENCAST_COST_ENGINE_PROFILE_H_

#include <array>
#include <string>

#include "cost/curve.h"

namespace tokencast {

/// How a time is known, best first.
enum class Source {
  kMeasured,     ///< this kernel, by this engine, on this accelerator
  kTransferred,  ///< another engine, a kernel much like it, or an accelerator of the same
                 ///< architecture
  kGeneric       ///< shares of the peaks that most kernels reach
};

std::string name_of(Source source);

/// What models have in common as far as estimates go: how well they are known differs.
enum class ModelClass {
  kDense,
  kRouted,    ///< with routed experts
  kLatent,    ///< with latent attention, experts or not
  kRecurrent  ///< with recurrent layers, whatever the rest
};

/// "dense", "moe", "mla" or "hybrid".
std::string name_of(ModelClass model);

/// By class, of steps with prompts and of those that only decode: bands are this much wider, in
/// logarithms.
using BandWidths = std::array<std::array<double, 2>, 4>;
constexpr BandWidths kUnchangedWidths = {{{1, 1}, {1, 1}, {1, 1}, {1, 1}}};

/// What of a step, beside its kernels, takes time.
struct StepShape {
  double layers = 1;
  double sequences = 1;
  bool decode = true;  ///< nothing but decoding sequences
  ModelClass model = ModelClass::kDense;
  double routed_layers = 0;  ///< of the layers, those with routed experts
  double shared_layers = 0;  ///< of those, where replicas share the experts
};

/// What a user's own measurement says of the times of whole steps.
struct OwnTimes {
  double factor = 1;  ///< on kernels and on what the engine adds, never below the physical limit
  double spread = 0;  ///< half of the 80 % band, relative; 0: the profile's band
};

/// Seconds of a step = step + sequence · sequences (more with prompts)
///     + max(kernels · factor + layer · layers + routed_layer · routed layers
///           + shared_layer · shared layers, launch · layers):
/// a kernel whose launch takes longer than the one before it waits for the launch.
struct EngineProfile {
  std::string name;               ///< as results name it: "vllm 0.8"
  std::string kernels = "vllm";   ///< engine whose measured kernels stand for its own
  bool own_kernels = true;        ///< they are its own
  bool dense_experts = false;     ///< routed experts run in the kernels of dense layers
  double request_s = 0;           ///< of each request before its first step: server, tokenizer
  double step_s = 1e-3;           ///< scheduling, input preparation
  double sequence_s = 0;          ///< of each sequence: sampling, detokenisation
  double prefill_sequence_s = 0;  ///< the same on top in steps with prompts: nothing runs beside it
  double layer_s = 0;             ///< gaps and small kernels of a layer
  double routed_layer_s = 0;      ///< the same of routing on top: top-k, sorting tokens, summing
  double shared_layer_s = 0;      ///< the same where replicas share experts: they wait for the last
  double decode_launch_s = 0;     ///< of a layer's kernels; small where graphs are captured
  double prefill_launch_s = 0;    ///< the same of steps with prompts, which run outside of graphs
  double graph = 1;               ///< share of kernels' own overheads that remains in a decode step
  double decode = 1;   ///< kernels in a step take this much longer than alone, at least 1
  double prefill = 1;  ///< the same with prompts
  double experts = 1;  ///< the same of routed experts alone, with prompts: their load is uneven
  double decode_experts = 1;           ///< the same without: fewer are asked for than at random
  Source known = Source::kMeasured;    ///< how most kernels were known where the bands were found
  LogBand prefill_band = {-0.3, 0.9};  ///< of whole steps: log(measured / estimated), 80 %
  LogBand decode_band = {-0.25, 0.9};
  BandWidths widths = kUnchangedWidths;
  OwnTimes own_prefill, own_decode;  ///< of steps with prompts, and without
};

/// Returns what a step takes beside its kernels, which alone take kernels_s.
double added_s(const EngineProfile& profile, const StepShape& shape, double kernels_s);

}  // namespace tokencast

#endif  // TOKENCAST_COST_ENGINE_PROFILE_H_
