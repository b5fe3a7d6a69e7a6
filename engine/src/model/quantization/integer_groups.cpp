#include <string>
#include <utility>

#include "model/quantization/methods.h"
#include "model/quantization/reading.h"

namespace tokencast {
namespace {

/// AWQ, GPTQ and AutoRound: an fp16 scale and a zero point as wide as a weight for each group.
WeightFormat awq_format(double bits, std::int64_t group) {
  return grouped_integer(bits > 4 ? "int8_weight_only" : "int4", bits, group, kScaleBits + bits);
}

/// Rules that GPTQ's "dynamic" gives by regular expression: "-:" keeps 16 bit, "+:" changes bits,
/// the size of a group, or both.
void read_gptq_exceptions(ConfigReader& config, double bits, std::int64_t group,
                          Architecture& architecture) {
  const Json* dynamic = config.find("dynamic");
  if (dynamic == nullptr || !dynamic->is_object()) return;
  for (const auto& [key, settings] : dynamic->items()) {
    const bool kept = key.starts_with("-:");
    const bool changed = key.starts_with("+:");
    const Json& own = settings;
    const auto setting = [&own](const char* name, Range range, double fallback) {
      const bool has =
          own.is_object() && own.contains(name) && own[name].is_number() && range.holds(own[name]);
      return has ? own[name].get<double>() : fallback;
    };
    const double own_bits = setting("bits", kBits, bits);
    const auto own_group =
        static_cast<std::int64_t>(setting("group_size", kGroupSize, static_cast<double>(group)));
    if (!kept && own_bits == bits && own_group == group) continue;
    ModuleList modules;
    add_modules(config, modules, {"re:" + (kept || changed ? key.substr(2) : key)});
    const WeightFormat format =
        kept ? plain_format(architecture.dtype) : awq_format(own_bits, own_group);
    architecture.quantization.rules.rules.emplace_back(std::move(modules), format);
  }
}

}  // namespace

void read_integer_groups(ConfigReader& config, Architecture& architecture) {
  const auto bits = static_cast<double>(config.integer("bits w_bit", {2, 8}));
  const std::int64_t group = read_group(config);
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = awq_format(bits, group);
  if (config.boolean_or("lm_head", false)) rules.lm_head = rules.linear;
  read_gptq_exceptions(config, bits, group, architecture);
  // AutoRound names the modules that differ: bits of 16 mean that they are not quantized.
  const Json* extra = config.find("extra_config");
  if (extra == nullptr || !extra->is_object()) return;
  ModuleList kept;
  for (const auto& [name, settings] : extra->items()) {
    const bool plain = settings.is_object() && settings.contains("bits") &&
                       settings["bits"].is_number() && settings["bits"] >= 16;
    if (plain) add_modules(config, kept, {name});
  }
  rules.rules.emplace_back(std::move(kept), plain_format(architecture.dtype));
}

}  // namespace tokencast
