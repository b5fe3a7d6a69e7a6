// The WebAssembly module's functions. Only registration: text in, text out, as docs/wire-format.md
// defines.
//
// The module has no presets: its caller sends a preset's content with the request. It is built
// twice: as the page starts with it, and for a worker with simulate (TOKENCAST_SIMULATE), so that
// the first visit does not download what few readers ask for.
#include <emscripten/bind.h>
#ifdef TOKENCAST_SIMULATE
#include <emscripten/val.h>
#endif

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
#ifdef TOKENCAST_SIMULATE
std::string simulate(const std::string& request, const emscripten::val& progress) {
  return tokencast::simulate(request, {}, calibrations(),
                             [&progress](double share) { progress(share); });
}
std::string compare(const std::string& request, const std::string& measurement) {
  return tokencast::compare(request, measurement, {}, calibrations());
}
#endif
std::string describe(const std::string& config) { return tokencast::describe(config); }

}  // namespace

EMSCRIPTEN_BINDINGS(tokencast) {
  emscripten::function("estimate", &estimate);
  emscripten::function("addCalibration", &add_calibration);
  emscripten::function("calibrationOf", &calibration_of);
  emscripten::function("describe", &describe);
  emscripten::function("version", &tokencast::version);
#ifdef TOKENCAST_SIMULATE
  emscripten::function("simulate", &simulate);
  emscripten::function("compare", &compare);
#endif
}
