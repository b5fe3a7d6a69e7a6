// The WebAssembly module's functions. Only registration: text in, text out, as docs/wire-format.md
// defines.
//
// The module has no presets: its caller sends a preset's content with the request.
#include <emscripten/bind.h>

#include <string>

#include "tokencast/tokencast.h"

namespace {

std::string estimate(const std::string& request) { return tokencast::estimate(request, {}); }
std::string describe(const std::string& config) { return tokencast::describe(config); }

}  // namespace

EMSCRIPTEN_BINDINGS(tokencast) {
  emscripten::function("estimate", &estimate);
  emscripten::function("describe", &describe);
  emscripten::function("version", &tokencast::version);
}
