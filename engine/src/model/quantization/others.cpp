#include <algorithm>
#include <string>

#include "base/text.h"
#include "model/assign_formats.h"
#include "model/quantization/methods.h"
#include "model/quantization/reading.h"

namespace tokencast {

/// bitsandbytes: NF4 has an fp32 scale for each 64, double quantization narrows it to 8 bits and an
/// fp32 for each 256 of them.
void read_bitsandbytes(ConfigReader& config, Architecture& architecture) {
  WeightFormat& linear = architecture.quantization.rules.linear;
  if (config.boolean_or("load_in_4bit _load_in_4bit", false)) {
    const bool twice = config.boolean_or("bnb_4bit_use_double_quant", false);
    const double group_bits = twice ? 8 + kFp32Bits / 256 : kFp32Bits;
    linear = grouped_integer("nf4", 4, 64, group_bits);
    linear.group = 0;  // flat over the tensor
  } else if (config.boolean_or("load_in_8bit _load_in_8bit", false)) {
    linear = int8_format(kFp32Bits);
  } else {
    not_understood(config, "\"bitsandbytes\" without load_in_4bit or load_in_8bit", architecture);
  }
}

void read_hqq(ConfigReader& config, Architecture& architecture) {
  ConfigReader weights = config.object("quant_config").object("weight_quant_params");
  const auto bits = static_cast<double>(weights.integer_or("nbits", kBits, 4));
  const std::int64_t group = weights.integer_or("group_size", {1, 65536}, 64);
  architecture.quantization.rules.linear =
      grouped_integer(bits > 4 ? "int8_weight_only" : "int4", bits, group, 2 * kScaleBits);
}

/// AQLM: codes of in_group × out_group weights from several codebooks; codebooks are not counted.
void read_aqlm(ConfigReader& config, Architecture& architecture) {
  const auto books = static_cast<double>(config.integer_or("num_codebooks", {1, 64}, 1));
  const auto bits = config.integer_or("nbits_per_codebook", {1, 32}, 16);
  const auto in = static_cast<double>(config.integer_or("in_group_size", {1, 1024}, 8));
  const auto out = static_cast<double>(config.integer_or("out_group_size", {1, 1024}, 1));
  const double code = bits <= 8 ? 8 : 16;  // stored as whole integers
  architecture.quantization.rules.linear =
      grouped_integer("aqlm", books * code / (in * out), 0, kScaleBits / out);
}

void read_gguf(ConfigReader& config, Architecture& architecture) {
  const std::string type = config.text_or("file_type", "");
  const auto& known = requestable_formats();
  if (std::find(known.begin(), known.end(), type) != known.end()) {
    architecture.quantization.file_type = type;
  } else {
    not_understood(config, in_quotes("gguf " + type), architecture);
  }
}

}  // namespace tokencast
