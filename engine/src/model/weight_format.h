// The formats in which weights are stored, and what a weight takes in each.
//
// Ignores: activation scales and other single numbers of a tensor, padding of packed tensors to
// whole words, codebooks, and GPTQ's group index of one int32 per input (0.03 % of a layer).
#ifndef TOKENCAST_MODEL_WEIGHT_FORMAT_H_
#define TOKENCAST_MODEL_WEIGHT_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"

namespace tokencast {

/// How the elements of one weight are stored and multiplied.
struct WeightFormat {
  std::string_view name = "bf16";  ///< on the wire
  DType dtype = DType::kBf16;
  double bits = 16;          ///< per weight, scales and zero points included
  bool weight_only = false;  ///< unpacked to 16 bit before the multiplication
  std::int64_t group =
      0;                ///< weights of a row that share a scale, which ranks cannot split; 0: any
  double row_bits = 0;  ///< of the scale of each output channel, beside bits
  bool operator==(const WeightFormat&) const = default;
};

/// Returns the format of unquantized weights: dtype must have 16 or 32 bits.
WeightFormat plain_format(DType dtype);

/// Integers in groups with a scale and, in some formats, a zero point for each: bits_per_group.
/// group −1 or 0: one group for each output channel. Unpacked to 16 bit before they are multiplied.
WeightFormat grouped_integer(std::string_view name, double bits, std::int64_t group,
                             double bits_per_group);

/// fp8 with one fp32 scale for each block of rows × columns weights.
WeightFormat fp8_block_format(std::int64_t rows, std::int64_t columns);
/// fp8 with a scale of channel_bits for each output channel; 0: one for the tensor.
WeightFormat fp8_format(double channel_bits);
/// int8 with a scale of channel_bits for each output channel, multiplied as int8 (W8A8).
WeightFormat int8_format(double channel_bits);

WeightFormat nvfp4_format(bool weight_only = false);
WeightFormat mxfp4_format(bool weight_only = false);
WeightFormat mxfp8_format();

/// Returns a format by its name on the wire: "fp8_block", "int4", "nvfp4"; nothing when unknown.
/// Not those of GGUF.
std::optional<WeightFormat> weight_format_named(std::string_view name);

/// Every name that weight_format_named knows.
const std::vector<std::string>& weight_format_names();

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_WEIGHT_FORMAT_H_
