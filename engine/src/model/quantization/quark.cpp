#include <optional>
#include <string>

#include "model/quantization/methods.h"
#include "model/quantization/reading.h"

namespace tokencast {
namespace {

std::optional<WeightFormat> quark_format(ConfigReader& weight) {
  const std::string dtype = weight.text_or("dtype", "");
  const std::string scheme = weight.text_or("qscheme", "per_tensor");
  const std::int64_t group = weight.integer_or("group_size", kGroupSize, 0);
  const double channel = scheme == "per_channel" ? kScaleBits : 0;
  if (dtype == "fp4") return mxfp4_format();
  if (dtype.starts_with("fp8")) return fp8_format(channel);
  if (dtype == "int8" || dtype == "uint8") return int8_format(channel);
  if (dtype == "int4" || dtype == "uint4") {
    return grouped_integer("int4", 4, group, kScaleBits + (dtype == "uint4" ? 4 : 0));
  }
  return std::nullopt;
}

}  // namespace

void read_quark(ConfigReader& config, Architecture& architecture) {
  ConfigReader global = config.object("global_quant_config");
  ConfigReader weight = global.object("weight");
  const std::optional<WeightFormat> format = quark_format(weight);
  if (config.failed()) return;
  if (!format) {
    not_understood(config, "\"quark\"", architecture);
    return;
  }
  architecture.quantization.rules.linear = *format;
  // The outputs of k_proj and v_proj are what the cache holds.
  const Json* layers = config.find("layer_quant_config");
  if (layers == nullptr || !layers->is_object()) return;
  for (const auto& [name, settings] : layers->items()) {
    if (name.find("k_proj") == std::string::npos || !settings.is_object()) continue;
    ConfigReader layer(settings, config.path() + "/layer_quant_config", config.state());
    const std::string dtype = layer.object("output_tensors").text_or("dtype", "");
    if (dtype.starts_with("fp8")) architecture.quantization.kv_cache = DType::kFp8;
  }
}

}  // namespace tokencast
