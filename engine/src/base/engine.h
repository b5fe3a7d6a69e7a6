// Serving engines: what runs a model on an accelerator.
#ifndef TOKENCAST_BASE_ENGINE_H_
#define TOKENCAST_BASE_ENGINE_H_

#include <optional>
#include <string>
#include <string_view>

namespace tokencast {

enum class EngineFamily {
  kGeneric,  ///< not stated: no engine's habits are assumed
  kVllm,
  kSglang,
  kTensorRtLlm,
  kTgi,
  kLmdeploy,
  kMindie,
  kLlamaCpp,
  kMlc,
  kExllama,
  kTransformers,
  kDeepspeed
};

struct Engine {
  EngineFamily family = EngineFamily::kGeneric;
  int major = 0, minor = 0;  ///< both 0: version not stated

  bool versioned() const { return major > 0 || minor > 0; }
  /// Whether the version is this one or later; a version that is not stated counts as the newest.
  bool at_least(int other_major, int other_minor) const {
    return !versioned() || major > other_major || (major == other_major && minor >= other_minor);
  }
  bool operator==(const Engine&) const = default;
};

/// Returns the name on the wire: "vllm".
std::string_view name_of(EngineFamily family);

/// Returns the family named on the wire, or nothing.
std::optional<EngineFamily> engine_family_named(std::string_view name);

/// Returns the first "major.minor" in text as a version of family: "TensorRT-LLM v1.2.0rc1", "vllm
/// 0.19.0"; without one, the version is not stated.
Engine engine_of(EngineFamily family, std::string_view text);

/// Returns "0.11": what engine_of reads.
std::string version_of(const Engine& engine);

/// Returns the family with what its versions have in common: "vllm <0.8", "trtllm 1.x".
std::string era_of(const Engine& engine);

}  // namespace tokencast

#endif  // TOKENCAST_BASE_ENGINE_H_
