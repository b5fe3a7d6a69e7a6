#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "model/quantization/methods.h"
#include "model/quantization/reading.h"

namespace tokencast {
namespace {

/// MLX's own integers have a 16 bit scale and bias for each group; its other modes are formats of
/// their own.
std::optional<WeightFormat> mlx_format(const std::string& mode, double bits, std::int64_t group) {
  if (mode == "affine") {
    return grouped_integer(bits > 4 ? "int8_weight_only" : "int4", bits, group, 2 * kScaleBits);
  }
  if (mode == "mxfp4") return mxfp4_format(/*weight_only=*/true);
  if (mode == "nvfp4") return nvfp4_format(/*weight_only=*/true);
  if (mode == "mxfp8") return mxfp8_format();
  return std::nullopt;
}

}  // namespace

void read_mlx(ConfigReader& config, Architecture& architecture) {
  const std::string mode = config.text_or("mode", "affine");
  const double bits = static_cast<double>(config.integer("bits", kBits));
  const std::int64_t group = read_group(config);
  const std::optional<WeightFormat> format = mlx_format(mode, bits, group);
  if (config.failed()) return;
  if (!format) {
    not_understood(config, in_quotes("mlx " + mode), architecture);
    return;
  }
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = *format;
  rules.embedding = *format;
  rules.lm_head = *format;
  // Exceptions stand beside, named after modules.
  for (const auto& [name, settings] : config.json().items()) {
    const bool kept = settings.is_boolean() && !settings.get<bool>();
    if (!kept && !settings.is_object()) continue;
    ModuleList modules;
    add_modules(config, modules, {name});
    WeightFormat own = plain_format(architecture.dtype);
    if (!kept) {
      ConfigReader exception(settings, config.path() + "/" + name, config.state());
      const auto changed = mlx_format(
          exception.text_or("mode", mode),
          static_cast<double>(exception.integer_or("bits", kBits, static_cast<std::int64_t>(bits))),
          exception.integer_or("group_size", {1, 65536}, std::max<std::int64_t>(group, 1)));
      if (changed) own = *changed;
    }
    rules.rules.emplace_back(std::move(modules), own);
  }
}

}  // namespace tokencast
