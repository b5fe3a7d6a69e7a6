// Tokencast: how fast a model answers on an accelerator, and what fits.
//
// Text in, text out: requests and responses are JSON as docs/wire-format.md defines them. The
// functions are pure: no files, no clock, no global state; the same input gives the same bytes on
// every platform. They never throw.
#ifndef TOKENCAST_TOKENCAST_H_
#define TOKENCAST_TOKENCAST_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace tokencast {

/// Texts of preset files by id, for requests that only name a preset.
struct Presets {
  std::map<std::string, std::string, std::less<>> models;
  std::map<std::string, std::string, std::less<>> accelerators;
};

class CalibrationSet;

/// Measured curves and engines' profiles, from the files of presets/calibration/. Without them
/// estimates are generic.
class Calibrations {
 public:
  Calibrations();

  /// Adds the text of one file. Returns an empty text, or an error as estimate writes it.
  std::string add(std::string_view text);
  const CalibrationSet& set() const { return *set_; }

 private:
  std::shared_ptr<CalibrationSet> set_;
};

/// Returns the estimate for a request: times, throughput, memory, operators.
///
/// presets may be empty when the request carries the model's config and the accelerator's figures
/// itself.
std::string estimate(std::string_view request, const Presets& presets,
                     const Calibrations& calibrations);

/// Returns how a service answers under load: percentiles, throughput, what limits, and with limits
/// in the request the most load that keeps them. progress, if any, is told the share that is done.
std::string simulate(std::string_view request, const Presets& presets,
                     const Calibrations& calibrations,
                     const std::function<void(double)>& progress = {});

/// Returns a user's own measurement beside what is predicted for it, and the factors on times that
/// make both agree: the "measured" of later requests. measurement: the summary of `vllm bench
/// serve` or SGLang's bench_serving, a CSV, an engine's log lines.
std::string compare(std::string_view request, std::string_view measurement, const Presets& presets,
                    const Calibrations& calibrations);

/// Returns which calibration an accelerator's estimates rest on, by the index that was added:
/// {"calibration": id}, or null where none is like it. accelerator is the text of a preset.
std::string calibration_of(std::string_view accelerator, const Calibrations& calibrations);

/// Returns the time of one call of a kernel, which request names with its shape, engine and
/// accelerator.
std::string kernel(std::string_view request, const Presets& presets,
                   const Calibrations& calibrations);

/// Returns what a config.json says of its model: parameters, weight bytes, KV cache per token.
///
/// config is the text of a config.json, at most 4 MB long. choice, from 1, says which of several
/// configs in the text is meant.
std::string describe(std::string_view config, int choice = 0);

/// Returns the engine's version and the schema number it speaks.
std::string version();

}  // namespace tokencast

#endif  // TOKENCAST_TOKENCAST_H_
