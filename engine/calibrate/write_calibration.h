// Writes what was fitted on one accelerator as presets/calibration/<id>.json.
#ifndef TOKENCAST_CALIBRATE_WRITE_CALIBRATION_H_
#define TOKENCAST_CALIBRATE_WRITE_CALIBRATION_H_

#include <string>
#include <vector>

#include "cost/curve.h"

namespace tokencast::calibrate {

/// A table of measurements, and what became of its rows.
struct TableFacts {
  std::string op, engine, version;
  std::size_t rows = 0;
  std::size_t not_understood = 0;
  std::size_t beyond_physics = 0;  ///< faster than the accelerator's peaks allow: left out
};

struct FittedCurve {
  std::string kernel_class;
  std::string engine, kernel;
  Curve curve;
  std::size_t rows = 0;
  double median_error = 0, p90_error = 0;  ///< of geometries left out
};

struct FittedAccelerator {
  std::string id, architecture;
  std::vector<TableFacts> tables;
  std::vector<FittedCurve>
      curves;  ///< by class; of an engine's several kernels the usual one first
};

/// Rounds a curve to what the file keeps, so that errors are those of the file.
Curve as_written(const Curve& curve);

/// Returns the text of the file.
std::string calibration_text(const FittedAccelerator& fitted);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_WRITE_CALIBRATION_H_
