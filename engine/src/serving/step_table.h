// Step times between a few that are computed, for simulations that ask for thousands.
//
// Ignores: what happens between the points of the table: steps of tiles, and of captured graphs.
#ifndef TOKENCAST_SERVING_STEP_TABLE_H_
#define TOKENCAST_SERVING_STEP_TABLE_H_

#include <cstdint>
#include <map>
#include <utility>

#include "serving/step_time.h"

namespace tokencast {

/// Interpolates linearly between powers of two; computes a point when it is first asked for.
class StepTable {
 public:
  /// Of prompts of input_tokens, and contexts of up to output_tokens more.
  StepTable(StepTimes times, std::int64_t input_tokens, std::int64_t output_tokens)
      : times_(std::move(times)), input_(input_tokens), output_(output_tokens) {}

  /// Returns the time of a step that decodes: sequences at least 1, each with context tokens.
  Banded decode(std::int64_t sequences, double context);

  /// Returns the time that prompt_tokens add to a step that decodes this many sequences; with none,
  /// the time of the whole step.
  Banded prefill(std::int64_t prompt_tokens, std::int64_t decoding);

 private:
  Banded decode_point(std::int64_t sequences, bool long_context);
  Banded prefill_point(std::int64_t prompt_tokens, std::int64_t decoding);
  Banded prefill_beside(std::int64_t prompt_tokens, std::int64_t decoding);

  StepTimes times_;
  std::int64_t input_, output_;
  std::map<std::pair<std::int64_t, bool>, Banded> decodes_;
  std::map<std::pair<std::int64_t, std::int64_t>, Banded> prefills_;
};

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_STEP_TABLE_H_
