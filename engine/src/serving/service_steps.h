// Times of the steps of a service, between a few that are computed. Points lie where a service
// mostly is: at whole prompts, at the mean context, at batches of 1, 2, 3, 4, 6, 8, 12, …
//
// Ignores: how unequal the contexts in a batch are (their mean counts), and what happens between
// points: steps of tiles.
#ifndef TOKENCAST_SERVING_SERVICE_STEPS_H_
#define TOKENCAST_SERVING_SERVICE_STEPS_H_

#include <array>
#include <cstdint>
#include <map>
#include <utility>

#include "serving/service_load.h"
#include "serving/step_time.h"

namespace tokencast {

/// Which end of the band of step times a simulation runs at.
enum class End { kValue, kLow, kHigh };
double at(const Banded& banded, End end);

/// Prompt tokens of a step, of one prompt or several.
struct PromptTokens {
  double tokens = 0;
  double keys = 0;  ///< tokens that one of them attends to, on average
};

class ServiceSteps {
 public:
  ServiceSteps(StepTimes times, const ServiceLoad& load);

  /// Returns the seconds of a step in which this many sequences, 0 or more, decode at a mean
  /// context, and prompts (none: 0 tokens) are prefilled beside them.
  double time_s(std::int64_t decoding, double context, const PromptTokens& prompts, End end);

  Source source() const { return source_; }  ///< the least sure of all steps so far

 private:
  using Key = std::array<std::int64_t, 3>;

  const Banded& decode_point(std::int64_t sequences, std::int64_t context);
  const Banded& prompt_point(std::int64_t tokens, std::int64_t keys, std::int64_t decoding);
  double decode_s(std::int64_t sequences, double context, End end);
  double decode_at_context(std::int64_t sequences, double context, End end);
  double prompt_s(const PromptTokens& prompts, std::int64_t decoding, End end);
  Banded time(const std::vector<Step>& parts);

  StepTimes times_;
  double context_, tokens_, keys_;  ///< where the points are anchored
  std::map<Key, Banded> decodes_, prompts_;
  Source source_ = Source::kMeasured;
};

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_SERVICE_STEPS_H_
