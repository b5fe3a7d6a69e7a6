# Dependencies: the system's package first, a pinned release from its project otherwise.
include(FetchContent)

# Headers of nlohmann/json as target tokencast_json.
#
# A cross compiler must not see /usr/include, where a distribution keeps these headers among its own libc's: they are
# linked into the build folder instead.
find_package(nlohmann_json 3.11 CONFIG QUIET NO_CMAKE_FIND_ROOT_PATH)
add_library(tokencast_json INTERFACE)
if(nlohmann_json_FOUND)
  get_target_property(json_include nlohmann_json::nlohmann_json INTERFACE_INCLUDE_DIRECTORIES)
  list(GET json_include 0 json_include)
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include")
  file(CREATE_LINK "${json_include}/nlohmann" "${PROJECT_BINARY_DIR}/include/nlohmann" SYMBOLIC)
  target_include_directories(tokencast_json SYSTEM INTERFACE "${PROJECT_BINARY_DIR}/include")
else()
  FetchContent_Declare(json
    URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
    URL_HASH SHA256=d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
  FetchContent_MakeAvailable(json)
  target_link_libraries(tokencast_json INTERFACE nlohmann_json::nlohmann_json)
endif()

# CLI11, of the command line only.
function(tokencast_find_cli11)
  find_package(CLI11 CONFIG QUIET)
  if(NOT CLI11_FOUND)
    FetchContent_Declare(cli11 GIT_REPOSITORY https://github.com/CLIUtils/CLI11.git GIT_TAG v2.4.2)
    FetchContent_MakeAvailable(cli11)
  endif()
endfunction()

# Catch2 as target tokencast_catch2: version 3, or 2 where that is what the system has.
function(tokencast_find_catch2)
  find_package(Catch2 CONFIG QUIET)
  if(NOT Catch2_FOUND)
    FetchContent_Declare(catch2 GIT_REPOSITORY https://github.com/catchorg/Catch2.git GIT_TAG v3.7.1)
    FetchContent_MakeAvailable(catch2)
    set(Catch2_VERSION 3.7.1)
  endif()
  add_library(tokencast_catch2 INTERFACE)
  if(Catch2_VERSION VERSION_LESS 3)
    target_compile_definitions(tokencast_catch2 INTERFACE TOKENCAST_CATCH2_V2)
    target_link_libraries(tokencast_catch2 INTERFACE Catch2::Catch2)
  else()
    target_link_libraries(tokencast_catch2 INTERFACE Catch2::Catch2WithMain)
  endif()
endfunction()
