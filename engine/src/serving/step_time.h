// Seconds of one step: the only place where serving/ meets cost/.
#ifndef TOKENCAST_SERVING_STEP_TIME_H_
#define TOKENCAST_SERVING_STEP_TIME_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "base/engine.h"
#include "cost/efficiency.h"
#include "graph/step.h"
#include "hardware/accelerator.h"

namespace tokencast {

/// A number and the band that holds the measured one four times in five.
struct Banded {
  double value = 0, low = 0, high = 0;
  Source source = Source::kMeasured;  ///< the least sure of what it is made of

  Banded& operator+=(const Banded& other);
};
Banded operator+(Banded left, const Banded& right);
Banded operator-(const Banded& left, const Banded& right);
Banded operator*(double factor, const Banded& banded);
/// Returns amount per time: the slow end of the time is the low end of the rate.
Banded rate_of(double amount, const Banded& time_s);

/// Seconds of a step with these parts.
using StepTimes = std::function<Banded(const std::vector<Step>&)>;

/// What serves: a model in a layout on accelerators, run by an engine. The parts must outlive it.
struct Deployment {
  const Architecture* architecture = nullptr;
  const Layout* layout = nullptr;
  const Accelerator* accelerator = nullptr;
  Engine engine;
};

/// Returns the time of a step, its low end never below what the hardware allows.
Banded step_time(const Deployment& deployment, const std::vector<Step>& parts);

/// Returns the part of a step that takes this many tokens, at least 1, of prompts: whole ones where
/// they fit, else a chunk from the middle of one.
Step prompt_part(std::int64_t tokens, std::int64_t prompt_tokens);

/// Returns the least time that the hardware allows for the step.
double step_floor_s(const Deployment& deployment, const std::vector<Step>& parts);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_STEP_TIME_H_
