#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "model/quantization/methods.h"
#include "model/quantization/reading.h"

namespace tokencast {
namespace {

constexpr Range kBlockSize = {1, 65536};

/// The format of one group's weights; nothing when it is of a form that is not known.
std::optional<WeightFormat> compressed_format(ConfigReader& group) {
  ConfigReader weights = group.object("weights");
  const auto bits = static_cast<double>(weights.integer("num_bits", kBits));
  const std::string type = weights.text_or("type", "int");
  const std::string strategy = weights.text_or("strategy", "tensor");
  const std::int64_t size = weights.integer_or("group_size", kGroupSize, 0);
  const bool weight_only = !group.has("input_activations");
  const double channel = strategy == "channel" ? kScaleBits : 0;
  if (group.failed()) return std::nullopt;
  if (type == "float" && bits == 8) {
    if (strategy == "block") {
      const std::vector<std::int64_t> block = weights.integers("block_structure", kBlockSize);
      if (weights.failed()) return std::nullopt;
      return block.size() == 2 ? fp8_block_format(block[0], block[1]) : fp8_block_format(128, 128);
    }
    if (strategy == "group" && size == 32) return mxfp8_format();
    WeightFormat format = fp8_format(channel);
    format.weight_only = weight_only;
    return format;
  }
  if (type == "float" && bits == 4) {
    return size == 16 ? nvfp4_format(weight_only) : mxfp4_format(weight_only);
  }
  if (type != "int") return std::nullopt;
  if (bits == 8 && !weight_only) return int8_format(channel);
  const double zero = weights.boolean_or("symmetric", true) ? 0 : bits;
  return grouped_integer(bits > 4 ? "int8_weight_only" : "int4", bits, size, kScaleBits + zero);
}

/// Whether a group's targets are all linear layers.
bool targets_linear(const std::vector<std::string>& targets) {
  return std::any_of(targets.begin(), targets.end(), [](const std::string& target) {
    return target == "Linear" || target == "FusedMoE" || target == "MoEGate";
  });
}

}  // namespace

void read_compressed_tensors(ConfigReader& config, Architecture& architecture) {
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = plain_format(architecture.dtype);
  const Json* groups = config.find("config_groups");
  if (groups == nullptr || !groups->is_object() || groups->empty()) {
    not_understood(config, "\"compressed-tensors\" without config_groups", architecture);
    return;
  }
  for (const auto& [name, settings] : groups->items()) {
    if (!settings.is_object()) continue;
    ConfigReader group(settings, config.path() + "/config_groups/" + name, config.state());
    if (!group.has("weights")) continue;
    const std::optional<WeightFormat> format = compressed_format(group);
    if (config.failed()) return;
    if (!format) {
      not_understood(config, in_quotes("compressed-tensors " + name), architecture);
      return;
    }
    const std::vector<std::string> targets = texts_in(group.find("targets"));
    if (targets.empty() || targets_linear(targets)) {
      rules.linear = *format;
      continue;
    }
    ModuleList modules;
    add_modules(config, modules, targets);
    rules.rules.emplace_back(std::move(modules), *format);
  }
}

}  // namespace tokencast
