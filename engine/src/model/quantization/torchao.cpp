#include <algorithm>
#include <string_view>

#include "model/quantization/methods.h"
#include "model/quantization/reading.h"

namespace tokencast {
namespace {

/// Whether a text or key anywhere in value has part, in small or capital letters.
bool mentions(const Json& value, std::string_view part) {
  const auto has = [part](std::string_view text) {
    const auto alike = [](char a, char b) {
      return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
    };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), alike) != text.end();
  };
  if (value.is_string()) return has(value.get_ref<const std::string&>());
  if (!value.is_structured()) return false;
  for (const auto& [key, member] : value.items()) {
    if ((value.is_object() && has(key)) || mentions(member, part)) return true;
  }
  return false;
}

}  // namespace

void read_torchao(ConfigReader& config, Architecture& architecture) {
  const Json* quant_type = config.find("quant_type");
  const auto has = [quant_type](const char* part) {
    return quant_type != nullptr && mentions(*quant_type, part);
  };
  WeightFormat& linear = architecture.quantization.rules.linear;
  if (has("int4")) {
    // Newer configs serialise the whole setting into quant_type.
    const bool nested = quant_type != nullptr && quant_type->is_object();
    ConfigReader setting = nested ? config.object("quant_type") : config;
    if (setting.has("default")) setting = setting.object("default");
    ConfigReader arguments = setting.object(nested ? "_data" : "quant_type_kwargs");
    linear = grouped_integer("int4", 4, arguments.integer_or("group_size", {1, 65536}, 128),
                             2 * kScaleBits);
  } else if (has("float8")) {
    linear = fp8_format(kFp32Bits);
    linear.weight_only = has("weightonly") || has("weight_only");
  } else if (has("int8")) {
    linear = has("dynamic") ? int8_format(kScaleBits)
                            : grouped_integer("int8_weight_only", 8, 0, kScaleBits);
  } else {
    not_understood(config, "\"torchao\"", architecture);
  }
}

}  // namespace tokencast
