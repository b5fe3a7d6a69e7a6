#include "model/quantization.h"

#include "base/text.h"

namespace tokencast {
namespace {

constexpr Range kBits = {2, 8};
constexpr Range kGroupSize = {-1, 65536};  // -1: one group per output channel
constexpr double kScaleBits = 16;          // AWQ, GPTQ and MLX keep fp16 scales
constexpr double kFp8ScaleBits = 32;       // weight_scale_inv of DeepSeek-V3 is fp32

WeightFormat grouped_integer(double bits, double group, double bits_per_group) {
  const double per_weight = group > 0 ? bits_per_group / group : 0;
  return {bits > 4 ? DType::kInt8 : DType::kInt4, bits + per_weight, /*weight_only=*/true};
}

void read_fp8(ObjectReader& config, Quantization& quantization) {
  double weights_per_scale = 0;
  if (const Json* block = config.find("weight_block_size")) {
    const bool two_sizes = block->is_array() && block->size() == 2 && (*block)[0].is_number() &&
                           (*block)[1].is_number() && (*block)[0] >= 1 && (*block)[1] >= 1;
    if (!two_sizes) {
      config.fail({"wrong_type",
                   config.path_of("weight_block_size"),
                   "weight_block_size must be two sizes of at least 1",
                   "write [128, 128], or null for one scale per tensor",
                   {{"field", "weight_block_size"}, {"expected", "[128, 128]"}}});
      return;
    }
    weights_per_scale = (*block)[0].get<double>() * (*block)[1].get<double>();
  }
  const double scale_bits = weights_per_scale > 0 ? kFp8ScaleBits / weights_per_scale : 0;
  quantization.linear = {DType::kFp8, bits_of(DType::kFp8) + scale_bits, /*weight_only=*/false};
}

}  // namespace

void read_quantization(ObjectReader& config, Architecture& architecture) {
  const bool mlx = config.has("quantization");
  if (!mlx && !config.has("quantization_config")) return;
  ObjectReader quantized = config.object(mlx ? "quantization" : "quantization_config");

  Quantization& quantization = architecture.quantization;
  quantization.method =
      quantized.string_or("quant_method", quantized.has("group_size") ? "mlx" : "");
  const std::string& method = quantization.method;
  if (method == "fp8") {
    read_fp8(quantized, quantization);
  } else if (method == "awq" || method == "gptq" || method == "mlx") {
    const auto bits = static_cast<double>(quantized.integer("bits", kBits));
    const auto group = static_cast<double>(quantized.integer_or("group_size", kGroupSize, -1));
    // A scale per group, and a zero point: as wide as a weight (AWQ, GPTQ) or as the scale (MLX).
    quantization.linear =
        grouped_integer(bits, group, kScaleBits + (method == "mlx" ? kScaleBits : bits));
    quantization.embeddings = method == "mlx";
  } else {
    quantization.understood = false;
    architecture.notes.push_back({"quantization_not_understood",
                                  "quantization_config of " +
                                      (method.empty() ? "unknown form" : in_quotes(method)) +
                                      " is not understood yet: weight bytes are not given",
                                  {{"method", method}}});
  }
}

WeightFormat weight_format(DType dtype) {
  constexpr double kGroup = 128;
  if (dtype == DType::kInt4) return grouped_integer(4, kGroup, kScaleBits + 4);
  return {dtype, bits_of(dtype), /*weight_only=*/false};
}

}  // namespace tokencast
