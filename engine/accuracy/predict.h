// What the engine predicts for a case, in the metric's own definition and unit.
#ifndef TOKENCAST_ACCURACY_PREDICT_H_
#define TOKENCAST_ACCURACY_PREDICT_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/serving_case.h"
#include "cost/calibration_set.h"
#include "serving/step_time.h"

namespace tokencast::accuracy {

struct Prediction {
  Banded value;
  std::string source;          ///< how the times are known; "computed" for memory
  std::int64_t running = 1;    ///< sequences that run at once
  Banded prefill_s, decode_s;  ///< of a static batch: its prefill, its mean decode step
};

/// Predicts cases one after the other, remembering what steps of the same deployment take.
class Predictor {
 public:
  /// The set must outlive the predictor.
  explicit Predictor(const CalibrationSet& calibrations) : calibrations_(calibrations) {}

  Prediction predict(const ServingCase& serving);

  /// Predicts with this profile instead of the set's from now on.
  void use(const EngineProfile& profile) {
    profile_ = profile;
    ++generation_;
  }

  /// Returns the cost model of a case.
  CostModel model_of(const ServingCase& serving) const;

  /// Returns the best that the hardware allows for the case, in the metric's unit: peak FLOPs and
  /// full bandwidth, and no time for anything else. Times of a run are those of one user alone: who
  /// waits for whom is the engine's choice.
  double limit(const ServingCase& serving) { return roofline(serving, {}); }

  /// The same at shares of peak and bandwidth.
  double roofline(const ServingCase& serving, const Shares& shares);

 private:
  struct Known;  ///< of one deployment
  Known& known(const ServingCase& serving);
  static Prediction predict_with(const ServingCase& serving, Known& deployment,
                                 const StepTimes& times);

  const CalibrationSet& calibrations_;
  std::map<std::string, std::shared_ptr<Known>> deployments_;
  std::optional<EngineProfile> profile_;
  int generation_ = 0;  ///< of profile_: what was computed with an earlier one is stale
};

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_PREDICT_H_
