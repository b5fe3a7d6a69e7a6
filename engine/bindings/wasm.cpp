// The WebAssembly module's functions. Only registration: text in, text out, as docs/wire-format.md
// defines.
//
// The module has no presets: its caller sends a preset's content with the request.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <string>

#include "tokencast/tokencast.h"

namespace {

tokencast::Calibrations& calibrations() {
  static tokencast::Calibrations loaded;
  return loaded;
}

std::string add_calibration(const std::string& text) { return calibrations().add(text); }
std::string calibration_of(const std::string& accelerator) {
  return tokencast::calibration_of(accelerator, calibrations());
}
std::string estimate(const std::string& request) {
  return tokencast::estimate(request, {}, calibrations());
}
std::string simulate(const std::string& request, const emscripten::val& progress) {
  return tokencast::simulate(request, {}, calibrations(),
                             [&progress](double share) { progress(share); });
}
std::string describe(const std::string& config) { return tokencast::describe(config); }

}  // namespace

EMSCRIPTEN_BINDINGS(tokencast) {
  emscripten::function("estimate", &estimate);
  emscripten::function("simulate", &simulate);
  emscripten::function("addCalibration", &add_calibration);
  emscripten::function("calibrationOf", &calibration_of);
  emscripten::function("describe", &describe);
  emscripten::function("version", &tokencast::version);
}
