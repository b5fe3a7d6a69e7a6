# Finds the Emscripten that is on PATH, a distribution's or an emsdk's, and hands over to its own toolchain file.
find_program(TOKENCAST_EMCC emcc REQUIRED NO_CMAKE_FIND_ROOT_PATH)
file(REAL_PATH "${TOKENCAST_EMCC}" emcc)
get_filename_component(emscripten_root "${emcc}" DIRECTORY)
include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
