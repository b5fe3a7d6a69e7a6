# tokencast_embed_presets(OUTPUT): writes a C++ file with the texts of presets/, by id (the file's name).
function(tokencast_embed_presets output)
  set(body "")
  foreach(kind models accelerators)
    file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/presets/${kind}/*.json")
    foreach(path IN LISTS files)
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
      get_filename_component(id "${path}" NAME_WLE)
      file(READ "${path}" text)
      string(APPEND body "  presets.${kind}.emplace(\"${id}\", R\"preset(${text})preset\");\n")
    endforeach()
  endforeach()
  set(calibrations "")
  file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/presets/calibration/*.json")
  foreach(path IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
    file(READ "${path}" text)
    string(APPEND calibrations "  add(calibrations, R\"preset(${text})preset\");\n")
  endforeach()
  file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT [[
// Written by CMake from presets/.
#include "builtin_presets.h"

#include <stdexcept>

namespace tokencast {
namespace {

void add(Calibrations& calibrations, const char* text) {
  const std::string error = calibrations.add(text);
  if (!error.empty()) throw std::logic_error("presets/calibration: " + error);
}

}  // namespace

Presets builtin_presets() {
  Presets presets;
@body@  return presets;
}

Calibrations builtin_calibrations() {
  Calibrations calibrations;
@calibrations@  return calibrations;
}

}  // namespace tokencast
]])
endfunction()
