// What to change when a service does not keep the limits that it is given.
#ifndef TOKENCAST_REPORT_TO_MEET_H_
#define TOKENCAST_REPORT_TO_MEET_H_

#include <string>
#include <vector>

#include "base/json_reader.h"
#include "report/json_writer.h"
#include "report/simulated_service.h"

namespace tokencast {

/// One setting and the value nearest to the present one that was found to keep the limits.
struct MeetChange {
  std::string change;  ///< "kv_cache", "dp", "prefill_instances", "decode_instances", "tp",
                       ///< "concurrency", "request_rate"
  OrderedJson value;
  std::int64_t gpus = 1;  ///< of the whole deployment then
  ServiceRun run;         ///< as the changed request is simulated, and of how many schedulers
  std::int64_t schedulers = 1;
};

struct ToMeet {
  bool keeps = false;               ///< the load as it is; then nothing is tried
  std::vector<MeetChange> changes;  ///< fewest accelerators first, then a smaller load
  std::vector<MeetChange> failed;   ///< that were tried and do not keep the limits
};

/// A request, and what to read it again from with a change. The parts must outlive it.
struct Asked {
  const Request* request = nullptr;
  const Json* json = nullptr;  ///< as it came
  const Presets* presets = nullptr;
};

/// Returns the single changes that each keep the limits, by the simulation of the changed request.
///
/// service: of the request, once it has answered; capacity: what of its load keeps the limits.
ToMeet changes_to_meet(const Asked& asked, const CalibrationSet& calibrations,
                       const SimulatedService& service, const Capacity& capacity,
                       const Progress& progress);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_TO_MEET_H_
