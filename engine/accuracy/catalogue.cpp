#include "accuracy/catalogue.h"

#include <fstream>
#include <iterator>
#include <optional>

#include "accuracy/model_table.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "hardware/read_accelerator.h"
#include "model/config.h"

namespace tokencast::accuracy {
namespace {

std::optional<std::string> file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Result<std::string> Catalogue::config_text(const ServingRow& row, std::string& note) const {
  const auto in_folder = [&](std::string_view name) {
    return file_text(folder_ + "/" + std::string(name) + ".json");
  };
  if (!row.config.empty()) {
    if (std::optional<std::string> text = in_folder(row.config)) return *text;
  }
  const ConfigPlace place = place_of(row.model);
  note = place.note;
  if (!place.config.empty()) return std::string(place.config);
  if (!place.file.empty()) {
    if (std::optional<std::string> text = in_folder(place.file)) return *text;
  }
  const auto preset = presets_.models.find(std::string(place.preset));
  if (preset != presets_.models.end()) {
    const Result<Json> json = parse_json(preset->second);
    if (json.ok()) return json.value().value("config", Json()).dump();
  }
  return Error{"no_config", "config", "There is no config of " + in_quotes(row.model), "", {}};
}

Result<const Model*> Catalogue::model(const ServingRow& row) {
  auto found = models_.find(row.model);
  if (found == models_.end()) {
    auto model = std::make_unique<Model>();
    Result<std::unique_ptr<Model>> entry = Error{};
    const Result<std::string> text = config_text(row, model->note);
    if (!text.ok()) {
      entry = text.error();
    } else {
      Result<Architecture> read = read_pasted_config(text.value(), 0, "");
      if (read.ok()) {
        model->architecture = std::move(read.value());
        entry = std::move(model);
      } else {
        entry = read.error();
      }
    }
    found = models_.emplace(row.model, std::move(entry)).first;
  }
  if (!found->second.ok()) return found->second.error();
  return static_cast<const Model*>(found->second.value().get());
}

Result<const Accelerator*> Catalogue::accelerator(const ServingRow& row) {
  auto found = accelerators_.find(row.gpu_id);
  if (found == accelerators_.end()) {
    Result<std::unique_ptr<Accelerator>> entry = Error{"no_accelerator", "gpu_id", "", "", {}};
    const auto preset = presets_.accelerators.find(row.gpu_id);
    if (preset != presets_.accelerators.end()) {
      const Result<Json> json = parse_json(preset->second);
      if (json.ok()) {
        Result<Accelerator> read = read_accelerator(json.value(), "");
        if (read.ok()) {
          entry = std::make_unique<Accelerator>(std::move(read.value()));
        } else {
          entry = read.error();
        }
      }
    }
    found = accelerators_.emplace(row.gpu_id, std::move(entry)).first;
  }
  if (!found->second.ok()) {
    Error error = found->second.error();
    if (error.message.empty()) error.message = "The catalogue has no " + in_quotes(row.gpu);
    return error;
  }
  return static_cast<const Accelerator*>(found->second.value().get());
}

}  // namespace tokencast::accuracy
