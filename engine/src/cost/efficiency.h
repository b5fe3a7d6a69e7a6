// What share of peak and bandwidth an operator reaches: constants for now, generic for every
// accelerator and engine.
//
// This is the place where measured efficiencies come in: by accelerator, engine, kind, dtype and
// shape, behind the same function. Ignores until then: shape (tiles, waves, split-K), caches,
// differences between engines and vendors.
#ifndef TOKENCAST_COST_EFFICIENCY_H_
#define TOKENCAST_COST_EFFICIENCY_H_

#include "graph/operator.h"
#include "hardware/accelerator.h"

namespace tokencast {

/// How a time is known, best first.
enum class Source { kMeasured, kTransferred, kGeneric };

struct Efficiency {
  double compute = 1;     ///< share of the dense peak, over 0 to 1
  double memory = 1;      ///< share of the memory bandwidth
  double link = 1;        ///< share of the link's bandwidth in one direction
  double overhead_s = 0;  ///< of one call: launch and ramp of a kernel, or latency of a collective
  Source source = Source::kGeneric;
};

/// Returns what op reaches on accelerator.
Efficiency efficiency_of(const Operator& op, const Accelerator& accelerator);

/// Time of an engine's own work in each step: scheduling, input preparation, sampling,
/// detokenisation.
double step_overhead_s();

/// An 80 % band around a time, as factors: measured / estimated lies between them four times in
/// five.
struct Band {
  double low = 1, high = 1;
};
Band prefill_band();
Band decode_band();

std::string name_of(Source source);

}  // namespace tokencast

#endif  // TOKENCAST_COST_EFFICIENCY_H_
