#include "model/weight_format.h"

#include <algorithm>
#include <array>

namespace tokencast {
namespace {

constexpr double kScaleBits = 16;  // fp16 or bf16
constexpr std::int64_t kInt4Group = 128;

struct Named {
  std::string_view name;
  WeightFormat format;
};

const std::vector<Named>& named_formats() {
  static const std::vector<Named> all = {
      {"bf16", plain_format(DType::kBf16)},
      {"fp16", plain_format(DType::kFp16)},
      // A scale for each output channel or tensor: vLLM's --quantization fp8.
      {"fp8", fp8_format(kScaleBits)},
      {"fp8_block", fp8_block_format(128, 128)},
      {"mxfp8", mxfp8_format()},
      // W8A8 of SmoothQuant: a scale for each output channel.
      {"int8", int8_format(kScaleBits)},
      {"int8_weight_only", grouped_integer("int8_weight_only", 8, 0, kScaleBits)},
      // AWQ and GPTQ: an fp16 scale and a 4 bit zero point for each 128.
      {"int4", grouped_integer("int4", 4, kInt4Group, kScaleBits + 4)},
      {"nvfp4", nvfp4_format()},
      {"mxfp4", mxfp4_format()},
  };
  return all;
}

}  // namespace

WeightFormat plain_format(DType dtype) { return {name_of(dtype), dtype, bits_of(dtype), false, 0}; }

WeightFormat grouped_integer(std::string_view name, double bits, std::int64_t group,
                             double bits_per_group) {
  const DType dtype = bits > 4 ? DType::kInt8 : DType::kInt4;
  if (group <= 0) return {name, dtype, bits, /*weight_only=*/true, 0, bits_per_group};
  return {name, dtype, bits + bits_per_group / static_cast<double>(group), true, group};
}

WeightFormat fp8_block_format(std::int64_t rows, std::int64_t columns) {
  constexpr double kBlockScaleBits = 32;  // weight_scale_inv of DeepSeek-V3
  const double weights = static_cast<double>(rows) * static_cast<double>(columns);
  return {"fp8_block", DType::kFp8, 8 + kBlockScaleBits / weights, false, columns};
}

WeightFormat fp8_format(double channel_bits) {
  return {"fp8", DType::kFp8, 8, false, 0, channel_bits};
}

WeightFormat int8_format(double channel_bits) {
  return {"int8", DType::kInt8, 8, false, 0, channel_bits};
}

// A 4 bit float (e2m1) and an fp8 (e4m3) scale for each 16; one fp32 for the tensor counts as
// nothing (NVIDIA, Introducing NVFP4, 2025).
WeightFormat nvfp4_format(bool weight_only) {
  return {"nvfp4", DType::kFp4, 4 + 8.0 / 16, weight_only, 16};
}

// A 4 bit float (e2m1) and an 8 bit exponent for each 32 (OCP Microscaling Formats 1.0, section 5).
WeightFormat mxfp4_format(bool weight_only) {
  return {"mxfp4", DType::kFp4, 4 + 8.0 / 32, weight_only, 32};
}

WeightFormat mxfp8_format() { return {"mxfp8", DType::kFp8, 8 + 8.0 / 32, false, 32}; }

std::optional<WeightFormat> weight_format_named(std::string_view name) {
  for (const Named& named : named_formats()) {
    if (named.name == name) return named.format;
  }
  return std::nullopt;
}

const std::vector<std::string>& weight_format_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Named& named : named_formats()) all.emplace_back(named.name);
    return all;
  }();
  return names;
}

}  // namespace tokencast
