// Answers for single kernels: read the call, time it, write the time.
#include "report/kernel_request.h"

#include <cmath>
#include <map>
#include <string>

#include "base/math.h"
#include "base/text.h"
#include "cost/kernel_time.h"
#include "cost/read_kernel.h"
#include "hardware/read_accelerator.h"
#include "report/json_writer.h"
#include "report/request.h"
#include "report/write.h"

namespace tokencast {
namespace {

/// Texts of an object's plain members.
std::map<std::string, std::string, std::less<>> texts_of(const Json& json) {
  std::map<std::string, std::string, std::less<>> texts;
  for (const auto& [key, value] : json.items()) {
    if (value.is_string()) texts[key] = value.get<std::string>();
    if (value.is_number_integer()) texts[key] = value.dump();
    if (value.is_number_float()) texts[key] = number_text(value.get<double>());
  }
  return texts;
}

Result<Accelerator> read_named(const Json& json, const Presets& presets) {
  const Json* named = json.contains("accelerator") ? &json.at("accelerator") : nullptr;
  if (named != nullptr && named->is_object()) {
    return read_accelerator(named->value("custom", *named), "/accelerator");
  }
  if (named == nullptr || !named->is_string()) return missing_field("accelerator", "/accelerator");
  const auto& id = named->get_ref<const std::string&>();
  const auto found = presets.accelerators.find(id);
  if (found == presets.accelerators.end()) {
    std::vector<std::string> known;
    known.reserve(presets.accelerators.size());
    for (const auto& [known_id, text] : presets.accelerators) known.push_back(known_id);
    return not_one_of("accelerator", "/accelerator", id, known);
  }
  const Result<Json> preset = parse_json(found->second);
  if (!preset.ok()) return preset.error();
  return read_accelerator(preset.value(), "/accelerator");
}

Result<Engine> read_engine(const Json& json) {
  if (!json.contains("engine")) return Engine{EngineFamily::kVllm, 0, 0};
  const Json& named = json.at("engine");
  const std::string text = named.is_string() ? named.get<std::string>() : std::string();
  const std::optional<EngineFamily> family = engine_family_named(text);
  if (!family) {
    return not_one_of("engine", "/engine", text, {"vllm", "sglang", "tensorrt-llm"});
  }
  return Engine{*family, 0, 0};
}

}  // namespace

KernelTime predict_kernel(const Kernel& kernel, const Accelerator& accelerator,
                          const Engine& engine, const CalibrationSet& set, std::string_view named) {
  CostModel model = set.model(accelerator, engine);
  model.profile.kernels = kernels_of(engine.family);
  return time_of(kernel, model, named);
}

std::string kernels_of(EngineFamily family) {
  switch (family) {
    case EngineFamily::kSglang:
      return "sglang";
    case EngineFamily::kTensorRtLlm:
      return "tensorrt-llm";
    default:
      return "vllm";
  }
}

std::string answer_kernel(const Json& json, const Presets& presets, const CalibrationSet& set) {
  if (!json.is_object()) return write_error(wrong_type("", "", "an object", json));
  const Result<Accelerator> accelerator = read_named(json, presets);
  if (!accelerator.ok()) return write_error(accelerator.error());
  const Result<Engine> engine = read_engine(json);
  if (!engine.ok()) return write_error(engine.error());
  const auto texts = texts_of(json);
  const Fields fields = [&texts](std::string_view name) {
    const auto found = texts.find(name);
    return found == texts.end() ? std::string_view() : std::string_view(found->second);
  };
  const Result<Kernel> kernel = read_kernel(fields("op"), fields);
  if (!kernel.ok()) {
    Error error = kernel.error();
    error.path = "/" + error.path;
    return write_error(error);
  }
  const KernelTime time = predict_kernel(kernel.value(), accelerator.value(), engine.value(), set,
                                         fields("kernel_source"));
  if (!std::isfinite(time.time_s)) {
    return write_error({"no_units",
                        "/accelerator",
                        accelerator.value().name + " has no units for this call",
                        "choose an accelerator with a peak for its format",
                        {{"accelerator", accelerator.value().name}}});
  }
  const double limit_s = limit_of(kernel.value(), accelerator.value());
  return dump(object({{"ok", true},
                      {"schema", kSchema},
                      {"time_s", time.time_s},
                      {"low_s", std::max(time.time_s * exponential(time.band.low),
                                         std::min(limit_s, time.time_s))},
                      {"high_s", time.time_s * exponential(time.band.high)},
                      {"source", name_of(time.source)},
                      {"compute_s", time.parts.compute_s},
                      {"memory_s", time.parts.memory_s},
                      {"link_s", time.parts.link_s},
                      {"overhead_s", time.parts.overhead_s},
                      {"class", class_of(kernel.value())}}));
}

}  // namespace tokencast
