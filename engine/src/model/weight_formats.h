// Which format each weight of a model has.
#ifndef TOKENCAST_MODEL_WEIGHT_FORMATS_H_
#define TOKENCAST_MODEL_WEIGHT_FORMATS_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "model/component.h"
#include "model/module_list.h"
#include "model/weight_format.h"

namespace tokencast {

/// How a checkpoint's quantization chooses: the first rule that holds a module decides, else its
/// kind.
struct FormatRules {
  std::vector<std::pair<ModuleList, WeightFormat>> rules;  ///< exceptions, 16 bit ones included
  WeightFormat linear;                                     ///< of linear layers that no rule names
  std::optional<WeightFormat> experts;                     ///< of routed experts, where they differ
  std::optional<WeightFormat> embedding;
  std::optional<WeightFormat> lm_head;  ///< 16 bit where not given, as is the embedding
};

/// The formats of all tensors of one model.
class WeightFormats {
 public:
  WeightFormat linear;  ///< what holds most of the bytes in linear layers: the model's, in a word
  WeightFormat other;   ///< of what is never quantized

  void set(std::size_t group, Component component, std::string_view name,
           const WeightFormat& format) {
    entries_.push_back({group, component, name, format});
  }
  /// Returns the format of a linear layer's matrix; other for one that is not set.
  const WeightFormat& of(std::size_t group, Component component, std::string_view name) const;

 private:
  struct Entry {
    std::size_t group;
    Component component;
    std::string_view name;
    WeightFormat format;
  };
  std::vector<Entry> entries_;  ///< in the order of groups
};

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_WEIGHT_FORMATS_H_
