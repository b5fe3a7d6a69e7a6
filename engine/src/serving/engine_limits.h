// How engines schedule by default: how many sequences run at once, how many tokens a step takes,
// and what they do with prompts.
//
// Ignores: what users set differently, priorities, preemption, and cached prefixes.
#ifndef TOKENCAST_SERVING_ENGINE_LIMITS_H_
#define TOKENCAST_SERVING_ENGINE_LIMITS_H_

#include <cmath>
#include <cstdint>

#include "base/engine.h"
#include "hardware/accelerator.h"

namespace tokencast {

/// What is scheduled when prompts wait.
enum class PrefillPolicy {
  kMixed,  ///< prompts and decoding sequences share a step
  kFirst   ///< steps of prompts alone, while decoding sequences wait
};

struct EngineLimits {
  Engine engine;
  std::int64_t max_sequences = 256;  ///< that run at once
  std::int64_t step_tokens = 8192;   ///< prompt and decoded tokens of one step
  PrefillPolicy prefill = PrefillPolicy::kMixed;
  bool chunks = true;            ///< prompts longer than what is left of step_tokens are split
  bool reserves_output = false;  ///< a sequence starts only if its whole output fits
  double request_s = 0;          ///< from sending a request to the queue: the server, the tokenizer
  // Of a sequence that decodes, in one step; more than one with speculative decoding:
  std::int64_t decoded_tokens = 1;  ///< that are computed
  double tokens_per_step = 1;       ///< that it gains, on average

  /// Returns the steps in which a sequence decodes this many tokens.
  std::int64_t decode_steps(std::int64_t tokens) const {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(tokens) / tokens_per_step));
  }
};

/// How an engine is driven: its defaults differ.
enum class EngineUse { kServer, kOffline };

/// Returns the engine's defaults on this accelerator.
EngineLimits engine_limits(const Engine& engine, EngineUse use, const Accelerator& accelerator);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_ENGINE_LIMITS_H_
