#include "base/relaxed_json.h"
#include "model/config.h"
#include "model/gguf_metadata.h"

namespace tokencast {
namespace {

/// What to call the nth of several configs: the heading above it, else its class, else its number.
std::string title_of(const PastedObject& object, std::size_t number) {
  if (!object.title.empty()) return object.title;
  const auto names = object.value.find("architectures");
  const bool named = names != object.value.end() && names->is_array() && !names->empty() &&
                     names->front().is_string();
  const std::string name = named ? names->front().get<std::string>() : "";
  const bool one_line = name.find('\n') == std::string::npos;
  return named && one_line ? name : std::to_string(number);
}

Error several_configs(const Pasted& pasted, const std::string& path) {
  std::string titles;
  for (std::size_t i = 0; i < pasted.objects.size(); ++i) {
    titles += (i == 0 ? "" : "\n") + title_of(pasted.objects[i], i + 1);
  }
  const std::string count = std::to_string(pasted.objects.size());
  return {"several_configs",
          path,
          "The text holds " + count + " configs",
          "choose one of them, or paste only that one",
          {{"count", count}, {"titles", titles}}};
}

}  // namespace

Result<Architecture> read_pasted_config(std::string_view text, std::int64_t choice,
                                        const std::string& path) {
  // A dump of GGUF metadata has no braces of its own.
  const bool braces =
      text.substr(0, text.find_first_not_of(" \t\r\n") + 1).find('{') != std::string_view::npos;
  if (!braces && text.size() <= kMaxConfigBytes) {
    if (const std::optional<Json> metadata = read_gguf_dump(text)) {
      return read_config(*metadata, path);
    }
  }
  Result<Pasted> read = read_pasted(text);
  if (!read.ok()) {
    Error error = read.error();
    error.path = path;
    return error;
  }
  const Pasted& pasted = read.value();
  const auto count = static_cast<std::int64_t>(pasted.objects.size());
  const std::int64_t chosen = count == 1 ? 1 : choice;
  if (chosen < 1 || chosen > count) return several_configs(pasted, path);

  Result<Architecture> architecture =
      read_config(pasted.objects[static_cast<std::size_t>(chosen - 1)].value, path);
  if (architecture.ok() && !pasted.strict) {
    architecture.value().notes.push_back(
        {"not_strict_json",
         "The config is not strict JSON; it was read as a Python dict or the like",
         {}});
  }
  return architecture;
}

}  // namespace tokencast
