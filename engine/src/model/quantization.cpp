#include "model/quantization.h"

#include <algorithm>

#include "base/text.h"

namespace tokencast {
namespace {

constexpr Range kBits = {2, 8};
constexpr Range kGroupSize = {-1, 65536};  // -1: one group per output channel
constexpr double kScaleBits = 16;          // AWQ, GPTQ and MLX keep fp16 scales
constexpr double kFp8ScaleBits = 32;       // weight_scale_inv of DeepSeek-V3 is fp32

WeightFormat grouped_integer(double bits, std::int64_t group, double bits_per_group) {
  const double per_weight = group > 0 ? bits_per_group / static_cast<double>(group) : 0;
  return {bits > 4 ? DType::kInt8 : DType::kInt4, bits + per_weight, /*weight_only=*/true,
          group > 0 ? group : 0};
}

void not_understood(const std::string& what, Architecture& architecture) {
  architecture.quantization.understood = false;
  architecture.notes.push_back(
      {"quantization_not_understood",
       "quantization_config of " + what + " is not understood yet: weight bytes are not given",
       {{"method", what}}});
}

/// Tells of a list that keeps more than the head, norms and routers in 16 bit: those are never
/// counted as quantized.
void note_ignore_list(ObjectReader& config, Architecture& architecture) {
  const Json* list = config.find("modules_to_not_convert");
  if (list == nullptr || !list->is_array()) return;
  const bool covers_layers = std::any_of(list->begin(), list->end(), [](const Json& item) {
    if (!item.is_string()) return false;
    const auto& name = item.get_ref<const std::string&>();
    const auto has = [&name](const char* part) { return name.find(part) != std::string::npos; };
    return has("_proj") || has("self_attn") || has("experts") || (has("mlp") && !has("gate"));
  });
  if (covers_layers) {
    architecture.notes.push_back(
        {"ignore_list_not_counted",
         "modules_to_not_convert names layers that stay 16 bit; they are counted as quantized",
         {}});
  }
}

void read_fp8(ObjectReader& config, Quantization& quantization) {
  double weights_per_scale = 0;
  std::int64_t block = 0;
  if (const Json* sizes = config.find("weight_block_size")) {
    const bool two_sizes =
        sizes->is_array() && sizes->size() == 2 &&
        std::all_of(sizes->begin(), sizes->end(), [](const Json& size) {
          return size.is_number_integer() && size >= 1 && size <= kGroupSize.maximum;
        });
    if (!two_sizes) {
      config.fail({"wrong_type",
                   config.path_of("weight_block_size"),
                   "weight_block_size must be two sizes of at least 1",
                   "write [128, 128], or null for one scale per tensor",
                   {{"field", "weight_block_size"}, {"expected", "[128, 128]"}}});
      return;
    }
    weights_per_scale = (*sizes)[0].get<double>() * (*sizes)[1].get<double>();
    block = (*sizes)[0].get<std::int64_t>();
  }
  const double scale_bits = weights_per_scale > 0 ? kFp8ScaleBits / weights_per_scale : 0;
  quantization.linear = {DType::kFp8, bits_of(DType::kFp8) + scale_bits, /*weight_only=*/false,
                         block};
}

/// AWQ, GPTQ and MLX: integers in groups with a scale and a zero point, the latter as wide as a
/// weight or, in MLX, as the scale.
void read_groups(ObjectReader& config, Quantization& quantization) {
  const bool mlx = quantization.method == "mlx";
  const auto bits = static_cast<double>(config.integer("bits", kBits));
  const std::int64_t group = config.integer("group_size", kGroupSize);
  if (!config.failed() && group == 0) {
    config.fail(
        {"out_of_range",
         config.path_of("group_size"),
         "group_size is 0",
         "write the size of a group, or -1 for one per output channel",
         {{"field", "group_size"}, {"found", "0"}, {"minimum", "1"}, {"maximum", "65536"}}});
  }
  quantization.linear = grouped_integer(bits, group, kScaleBits + (mlx ? kScaleBits : bits));
  quantization.embeddings = mlx;
}

/// MLX writes formats other than its own integers as a mode, and exceptions as members named after
/// modules.
bool is_plain_mlx(const Json& config) {
  const auto mode = config.find("mode");
  return (mode == config.end() || is_text(*mode, "affine")) &&
         std::none_of(config.begin(), config.end(),
                      [](const Json& member) { return member.is_object() || member.is_boolean(); });
}

}  // namespace

void read_quantization(ObjectReader& config, Architecture& architecture) {
  const std::string key = config.has("quantization") ? "quantization" : "quantization_config";
  if (!config.has(key)) return;
  ObjectReader quantized = config.object(key);

  Quantization& quantization = architecture.quantization;
  quantization.method =
      quantized.string_or("quant_method", quantized.has("group_size") ? "mlx" : "");
  if (config.failed()) return;
  const std::string& method = quantization.method;
  if (method == "fp8") {
    read_fp8(quantized, quantization);
  } else if (method == "awq" || method == "gptq" ||
             (method == "mlx" && is_plain_mlx(*config.find(key)))) {
    read_groups(quantized, quantization);
  } else {
    not_understood(method.empty() ? "unknown form" : in_quotes(method), architecture);
  }
  note_ignore_list(quantized, architecture);
}

WeightFormats requested_formats(const Architecture& architecture, DType dtype) {
  constexpr std::int64_t kGroup = 128;
  WeightFormat linear = {dtype, bits_of(dtype), /*weight_only=*/false, 0};
  if (dtype == DType::kInt4) {
    linear = grouped_integer(4, kGroup, kScaleBits + 4);
    linear.group = 0;  // who quantizes anew can choose groups that ranks do not cut
  }
  return {linear, {architecture.dtype, bits_of(architecture.dtype), false, 0}, false};
}

}  // namespace tokencast
