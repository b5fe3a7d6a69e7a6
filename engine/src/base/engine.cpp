#include "base/engine.h"

#include <array>
#include <cctype>
#include <utility>

namespace tokencast {
namespace {

constexpr std::array<std::pair<std::string_view, EngineFamily>, 12> kNames = {{
    {"generic", EngineFamily::kGeneric},
    {"vllm", EngineFamily::kVllm},
    {"sglang", EngineFamily::kSglang},
    {"trtllm", EngineFamily::kTensorRtLlm},
    {"tgi", EngineFamily::kTgi},
    {"lmdeploy", EngineFamily::kLmdeploy},
    {"mindie", EngineFamily::kMindie},
    {"llama.cpp", EngineFamily::kLlamaCpp},
    {"mlc", EngineFamily::kMlc},
    {"exllama", EngineFamily::kExllama},
    {"transformers", EngineFamily::kTransformers},
    {"deepspeed", EngineFamily::kDeepspeed},
}};

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Reads the number at the start of text and removes it; nothing of a date or a build, which have
/// more than three digits.
std::optional<int> take_number(std::string_view& text) {
  constexpr std::size_t kMostDigits = 3;
  int value = 0;
  std::size_t digits = 0;
  for (; !text.empty() && is_digit(text.front()); ++digits) {
    if (digits < kMostDigits) value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits > kMostDigits) return std::nullopt;
  return value;
}

}  // namespace

std::string_view name_of(EngineFamily family) {
  for (const auto& [name, named] : kNames) {
    if (named == family) return name;
  }
  return kNames.front().first;
}

std::optional<EngineFamily> engine_family_named(std::string_view name) {
  for (const auto& [known, family] : kNames) {
    if (known == name) return family;
  }
  if (name == "tensorrt-llm") return EngineFamily::kTensorRtLlm;
  return std::nullopt;
}

Engine engine_of(EngineFamily family, std::string_view text) {
  while (!text.empty()) {
    if (!is_digit(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    const std::optional<int> major = take_number(text);
    if (!major || text.size() < 2 || text[0] != '.' || !is_digit(text[1])) continue;
    text.remove_prefix(1);
    const std::optional<int> minor = take_number(text);
    if (minor) return {family, *major, *minor};
  }
  return {family, 0, 0};
}

std::string version_of(const Engine& engine) {
  return std::to_string(engine.major) + "." + std::to_string(engine.minor);
}

std::string era_of(const Engine& engine) {
  const std::string name(name_of(engine.family));
  if (!engine.versioned()) return name + " ?";
  if (engine.family == EngineFamily::kVllm) {
    // 0.8 is the first with the V1 engine by default.
    if (!engine.at_least(0, 6)) return name + " <0.6";
    if (!engine.at_least(0, 8)) return name + " 0.6-0.7";
    return name + (engine.at_least(0, 12) ? " >=0.12" : " 0.8-0.11");
  }
  if (engine.family == EngineFamily::kTensorRtLlm) {
    // Up to 0.9 benchmarks ran static batches; from 1.0 on the PyTorch backend is the default.
    if (engine.at_least(1, 0)) return name + " 1.x";
    return name + (engine.at_least(0, 10) ? " 0.10-0.21" : " <0.10");
  }
  return name + " " + std::to_string(engine.major) + "." + std::to_string(engine.minor);
}

}  // namespace tokencast
