#include "model/quantization/reading.h"

#include "base/text.h"

namespace tokencast {

void not_understood(ConfigReader& config, const std::string& what, Architecture& architecture) {
  architecture.quantization.understood = false;
  config.note("quantization_not_understood",
              "quantization_config of " + what + " is not understood: weight bytes are not given",
              {{"method", what}});
}

void add_modules(ConfigReader& config, ModuleList& modules, const std::vector<std::string>& names) {
  std::string lost;
  for (const std::string& name : names) {
    if (!modules.add(name) && lost.empty()) lost = name;
  }
  if (lost.empty()) return;
  config.note("module_pattern_not_understood",
              "The pattern " + in_quotes(lost) +
                  " of quantization_config is not understood: what it names is counted as the rest",
              {{"pattern", lost}});
}

std::vector<std::string> texts_in(const Json* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  if (list->is_string()) return {list->get<std::string>()};
  if (!list->is_array()) return texts;
  for (const Json& item : *list) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::int64_t read_group(ConfigReader& config) {
  const std::int64_t group = config.integer("group_size q_group_size", kGroupSize);
  if (!config.failed() && group == 0) {
    config.fail(
        {"out_of_range",
         config.path_of("group_size"),
         "group_size is 0",
         "write the size of a group, or -1 for one per output channel",
         {{"field", "group_size"}, {"found", "0"}, {"minimum", "1"}, {"maximum", "65536"}}});
  }
  return group;
}

}  // namespace tokencast
