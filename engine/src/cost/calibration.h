// Curves fitted to measurements on one accelerator, as presets/calibration/*.json keep them.
#ifndef TOKENCAST_COST_CALIBRATION_H_
#define TOKENCAST_COST_CALIBRATION_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cost/curve.h"

namespace tokencast {

/// A class of kernels as one engine runs it.
struct MeasuredCurve {
  std::string engine;  ///< "vllm"; a communication library runs in every engine: ""
  std::string kernel;  ///< which of several that the engine has for this class
  Curve curve;
};

struct Calibration {
  std::string accelerator;   ///< id of the one that was measured
  std::string architecture;  ///< of its chip
  /// By class; of one engine's several kernels the most measured comes first.
  std::map<std::string, std::vector<MeasuredCurve>, std::less<>> classes;

  /// Returns the curve of a class: of this engine and kernel, else of this engine, else the first
  /// of any engine; nullptr where the class was not measured. An empty name asks for none.
  const MeasuredCurve* find(std::string_view kernel_class, std::string_view engine,
                            std::string_view kernel = "") const;
};

}  // namespace tokencast

#endif  // TOKENCAST_COST_CALIBRATION_H_
