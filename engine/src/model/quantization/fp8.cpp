#include <algorithm>
#include <string>

#include "model/quantization/methods.h"
#include "model/quantization/reading.h"

namespace tokencast {

void read_fp8(ConfigReader& config, ConfigReader& model, Architecture& architecture) {
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = fp8_format(0);
  if (config.has("weight_block_size")) {
    const Json& sizes = *config.find("weight_block_size");
    const bool two_sizes =
        sizes.is_array() && sizes.size() == 2 &&
        std::all_of(sizes.begin(), sizes.end(), [](const Json& size) {
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
    rules.linear = fp8_block_format(sizes[0].get<std::int64_t>(), sizes[1].get<std::int64_t>());
  }
  // DeepSeek-V4 says outside that its experts are narrower, V4.1 and MiMo inside.
  const std::string experts =
      config.text_or("expert_dtype store_dtype", model.text_or("expert_dtype", ""));
  if (experts == "fp4" || experts == "mxfp4") rules.experts = mxfp4_format();
}

}  // namespace tokencast
