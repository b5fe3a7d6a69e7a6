#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "model/quantization/methods.h"
#include "model/quantization/reading.h"

namespace tokencast {
namespace {

std::optional<WeightFormat> modelopt_format(const std::string& algorithm, std::int64_t group) {
  if (algorithm == "FP8") return fp8_format(0);
  if (algorithm == "FP8_PER_CHANNEL_PER_TOKEN") return fp8_format(kFp32Bits);
  if (algorithm == "FP8_PB_WO" || algorithm == "FP8_PB_REAL") return fp8_block_format(128, 128);
  if (algorithm == "MXFP8") return mxfp8_format();
  if (algorithm == "W4A16_NVFP4") return nvfp4_format(/*weight_only=*/true);
  if (algorithm.starts_with("NVFP4") || algorithm == "W4A8_NVFP4_FP8") return nvfp4_format();
  if (algorithm == "MXFP4" || algorithm == "W4A8_MXFP4_FP8") return mxfp4_format();
  if (algorithm == "W4A16_AWQ" || algorithm == "W4A8_AWQ" || algorithm == "INT4_AWQ") {
    return grouped_integer("int4", 4, group > 0 ? group : 128, kScaleBits);
  }
  if (algorithm.starts_with("W8A8_SQ") || algorithm == "INT8") return int8_format(kScaleBits);
  if (algorithm == "W8A16") return grouped_integer("int8_weight_only", 8, 0, kScaleBits);
  return std::nullopt;
}

/// MIXED_PRECISION: a list of modules, each with its algorithm; what is not listed stays 16 bit.
void read_modelopt_layers(ConfigReader& config, Architecture& architecture) {
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = plain_format(architecture.dtype);
  const Json* layers = config.find("quantized_layers");
  if (layers == nullptr || !layers->is_object()) return;
  std::vector<std::pair<WeightFormat, ModuleList>> lists;
  // Tens of thousands of modules, most of them like the one before.
  std::string last;
  std::size_t list = 0;
  for (const auto& [name, settings] : layers->get_ref<const Json::object_t&>()) {
    const auto found = settings.is_object() ? settings.find("quant_algo") : settings.end();
    if (found == settings.end() || !found->is_string()) continue;
    const auto& algorithm = found->get_ref<const std::string&>();
    if (lists.empty() || algorithm != last) {
      const std::optional<WeightFormat> format = modelopt_format(algorithm, 0);
      if (!format) {
        not_understood(config, in_quotes("modelopt " + algorithm), architecture);
        return;
      }
      list = 0;
      while (list < lists.size() && lists[list].first != *format) ++list;
      if (list == lists.size()) lists.emplace_back(*format, ModuleList());
      last = algorithm;
    }
    lists[list].second.add(name);
  }
  for (auto& [format, modules] : lists) rules.rules.emplace_back(std::move(modules), format);
}

}  // namespace

void read_modelopt(ConfigReader& config, Architecture& architecture) {
  const std::string algorithm = config.text_or("quant_algo", "");
  const std::int64_t group = config.integer_or("group_size", kGroupSize, 0);
  if (config.failed()) return;
  if (algorithm == "MIXED_PRECISION") {
    read_modelopt_layers(config, architecture);
    return;
  }
  const std::optional<WeightFormat> format = modelopt_format(algorithm, group);
  if (!format) {
    not_understood(
        config,
        algorithm.empty() ? "\"modelopt\" without quant_algo" : in_quotes("modelopt " + algorithm),
        architecture);
    return;
  }
  architecture.quantization.rules.linear = *format;
}

}  // namespace tokencast
