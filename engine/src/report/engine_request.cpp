#include "report/engine_request.h"

#include <string>
#include <utility>

#include "base/text.h"

namespace tokencast {

void read_engine(ObjectReader& deployment, Request& request) {
  request.engine_name = deployment.one_of_or(
      "engine", {"generic", "vllm", "sglang", "tensorrt-llm", "llama.cpp", "transformers"},
      "generic");
  const EngineFamily family =
      engine_family_named(request.engine_name).value_or(EngineFamily::kGeneric);
  const std::string version = deployment.string_or("engine_version", "");
  request.engine = engine_of(family, version);
  if (!deployment.has("engine_version") || deployment.failed()) return;
  if (request.engine.versioned()) return;
  deployment.fail(
      {"no_version",
       deployment.path_of("engine_version"),
       in_quotes(version) + " is no version",
       "write its first two numbers, as \"0.11\" (llama.cpp: year and month of the build), "
       "or leave it out",
       {{"field", "engine_version"}, {"found", version}}});
}

std::optional<Note> version_note(const Request& request, const CalibrationSet& calibrations) {
  const Engine& engine = request.engine;
  const auto measured = calibrations.versions_of(engine.family);
  if (!measured || !engine.versioned()) return std::nullopt;
  const auto& [oldest, newest] = *measured;
  const bool older = !engine.at_least(oldest.major, oldest.minor);
  const bool newer = engine.at_least(newest.major, newest.minor + 1);
  if (!older && !newer) return std::nullopt;
  const std::string version = version_of(engine);
  const std::string nearest = version_of(older ? oldest : newest);
  std::string message = request.engine_name + " " + version;
  message += older ? " is older" : " is newer";
  message += " than any that was measured: it is taken to run like " + nearest;
  return Note{
      "version_not_measured",
      std::move(message),
      {older ? Params::value_type{"reason", "older"} : Params::value_type{"reason", "newer"},
       {"engine", request.engine_name},
       {"version", version},
       {"nearest", nearest}}};
}

OrderedJson write_profile(const Request& request, const EngineProfile& profile) {
  if (profile.name.empty()) return {};
  const std::string_view own = name_of(request.engine.family);
  // The family comes first, then the version from which the profile holds.
  if (!profile.name.starts_with(own)) return profile.name;
  return request.engine_name + profile.name.substr(own.size());
}

}  // namespace tokencast
