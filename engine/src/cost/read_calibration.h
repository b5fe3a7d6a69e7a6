// Reads a calibration in the form of presets/calibration/*.json.
#ifndef TOKENCAST_COST_READ_CALIBRATION_H_
#define TOKENCAST_COST_READ_CALIBRATION_H_

#include <optional>
#include <string_view>

#include "base/json_reader.h"
#include "base/result.h"
#include "cost/calibration.h"
#include "cost/calibration_set.h"

namespace tokencast {

/// A surface's values are written as one character each: the places of kSurfaceDigits stand for
/// whole steps, the middle one for 0. A step is 4 % of a time, so that rounding adds 1 % on
/// average.
constexpr double kSurfaceStep = 0.04;
constexpr std::string_view kSurfaceDigits =
    "#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~";
constexpr int kSurfaceZero = 45;  ///< the digit that stands for 0
static_assert(kSurfaceDigits.size() == 2 * kSurfaceZero + 1);

/// Returns the calibration. Errors: wrong_type, unsupported_schema, out_of_range (a surface of a
/// size that its class does not have), with a JSON pointer as path.
Result<Calibration> read_calibration(const Json& json);

/// Adds a file of presets/calibration/ to a set: the index, or the calibration of one accelerator.
/// Returns an error of those above, or of a missing field.
std::optional<Error> add_file(CalibrationSet& set, const Json& json);

}  // namespace tokencast

#endif  // TOKENCAST_COST_READ_CALIBRATION_H_
