// Seconds of one step: the only place where serving/ meets cost/, beside transfers of KV.
#ifndef TOKENCAST_SERVING_STEP_TIME_H_
#define TOKENCAST_SERVING_STEP_TIME_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "cost/roofline.h"
#include "graph/step.h"

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
  CostModel cost;
};

/// Returns the class that the model's estimates belong to.
ModelClass class_of(const Architecture& architecture);

/// Returns what of a step, beside its operators, takes time.
StepShape shape_of(const Deployment& deployment, const std::vector<Step>& parts);

/// Returns by how much, in logarithms, either end of a profile's band moves out where kernels are
/// less well known than measured: about the spread between engines and between chips of one
/// architecture.
double widening(Source source);

/// Returns a step's time with the profile's band, its low end never below floor_s.
Banded with_band(const EngineProfile& profile, const StepShape& shape, double time_s,
                 double floor_s, Source source);

/// Returns the cost of a step.
StepCost step_cost(const Deployment& deployment, const std::vector<Step>& parts);

/// Returns the time of a step, its low end never below what the hardware allows.
Banded step_time(const Deployment& deployment, const std::vector<Step>& parts);

/// Returns the part of a step that takes this many tokens, at least 1, of prompts: whole ones where
/// they fit, else a chunk from the middle of one.
Step prompt_part(std::int64_t tokens, std::int64_t prompt_tokens);

/// Shares of peak and bandwidth; the hardware allows all of both.
struct Shares {
  double compute = 1, memory = 1;
};

/// Returns the time of the step by the roofline: the least that the hardware allows, or at these
/// shares of it.
double step_floor_s(const Deployment& deployment, const std::vector<Step>& parts,
                    const Shares& shares = {});

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_STEP_TIME_H_
