#include "report/preset_request.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "hardware/read_accelerator.h"
#include "model/config.h"

namespace tokencast {
namespace {

using PresetTexts = std::map<std::string, std::string, std::less<>>;

constexpr Range kChoice = {1, 100};

/// Returns the text of the preset that section names; reports unknown_preset.
const std::string* find_preset(ObjectReader& section, const PresetTexts& presets,
                               const std::string& content_key) {
  const std::string id = section.string_or("preset", "");
  const auto found = presets.find(id);
  if (section.failed() || found != presets.end())
    return section.failed() ? nullptr : &found->second;
  std::vector<std::string> known;
  std::vector<std::string> containing;  // "h100" is the start of several
  for (const auto& [known_id, text] : presets) {
    known.push_back(known_id);
    if (known_id.find(id) != std::string::npos) containing.push_back(known_id);
  }
  const std::string near = nearest(id, known);
  if (!containing.empty()) known = containing;
  std::string hint = "known: " + joined(known);
  if (known.empty()) hint = "send its content as " + in_quotes(content_key) + " beside it";
  if (!near.empty()) hint = "did you mean " + in_quotes(near) + "?";
  section.fail({"unknown_preset",
                section.path_of("preset"),
                "There is no preset " + in_quotes(id),
                hint,
                {{"found", id}, {"nearest", near}, {"known", joined(known)}}});
  return nullptr;
}

/// Returns the content of a section, its own or the named preset's, or null with an error.
Json content_of(ObjectReader& section, const PresetTexts& presets, const std::string& content_key,
                const std::string& what) {
  if (const Json* content = section.find(content_key)) return *content;
  if (section.has("preset")) {
    const std::string* text = find_preset(section, presets, content_key);
    if (text == nullptr) return {};
    Result<Json> preset = parse_json(*text);
    return preset.ok() ? std::move(preset.value()) : Json();
  }
  section.fail({"missing_field",
                section.path_of(content_key),
                "No " + what + " is given",
                "add " + in_quotes("preset") + " or " + in_quotes(content_key),
                {{"field", content_key}, {"what", what}}});
  return {};
}

}  // namespace

Architecture read_model(ObjectReader& section, const Presets& presets, std::string& name) {
  section.refuse_unknown_keys({"preset", "config", "choice"});
  const std::int64_t choice = section.integer_or("choice", kChoice, 0);
  name = section.string_or("preset", "");
  Json content = content_of(section, presets.models, "config", "model");
  if (section.failed()) return {};
  // A preset's file has the config inside.
  if (!section.has("config")) content = content.value("config", Json());
  const std::string path = section.path_of("config");
  // A config is an object, or the text that was pasted.
  Result<Architecture> read =
      content.is_string() ? read_pasted_config(content.get_ref<const std::string&>(), choice, path)
                          : read_config(content, path);
  if (read.ok()) return std::move(read.value());
  section.fail(read.error());
  return {};
}

void require_understood(const Quantization& quantization, ObjectReader& section, const char* field,
                        const char* hint) {
  if (quantization.understood) return;
  section.fail(
      {"unsupported_quantization",
       section.path_of(field),
       "The config's quantization " + in_quotes(quantization.method) + " is not understood",
       hint,
       {{"method", quantization.method}}});
}

Accelerator read_hardware(ObjectReader& root, const Presets& presets) {
  ObjectReader section = root.object("accelerator");
  section.refuse_unknown_keys({"preset", "custom"});
  const Json content = content_of(section, presets.accelerators, "custom", "accelerator");
  if (section.failed()) return {};
  Result<Accelerator> read = read_accelerator(content, "/accelerator/custom");
  if (read.ok()) return std::move(read.value());
  section.fail(read.error());
  return {};
}

}  // namespace tokencast
