// Sets of modules as quantization configs name them: exact names, prefixes, wildcards and regular
// expressions.
#ifndef TOKENCAST_MODEL_MODULE_LIST_H_
#define TOKENCAST_MODEL_MODULE_LIST_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/pattern.h"

namespace tokencast {

class ModuleList {
 public:
  /// Adds an entry: "model.layers.3.self_attn.q_proj", a module above it, a part of names such as
  /// "self_attn" or "lm_head", a wildcard "model.layers.0*", or "re:.*shared_experts.*". Returns
  /// false when it is a pattern that is not understood, and then it names nothing.
  bool add(const std::string& entry);

  /// Whether it holds a module of every layer, or of the model itself. names are those that
  /// checkpoints give it, below the layer: "self_attn.q_proj".
  bool holds(const std::vector<std::string>& names) const;
  /// Whether it holds a module of one layer, named as that layer's.
  bool holds_in_layer(const std::vector<std::string>& names, std::int64_t layer) const;
  /// Whether it names modules of certain layers.
  bool names_layers() const { return !of_layers_.empty() || !layer_patterns_.empty(); }
  bool empty() const { return !names_layers() && anywhere_.empty() && patterns_.empty(); }

 private:
  bool add_pattern(const std::string& text);

  /// The layers of which a module is named: "self_attn.q_proj" of 3, 7; "" is the whole layer.
  std::map<std::string, std::set<std::int64_t>, std::less<>> of_layers_;
  std::set<std::string, std::less<>> anywhere_;  ///< runs of whole segments: "self_attn", "lm_head"
  std::vector<Pattern> patterns_;
  std::vector<Pattern> layer_patterns_;  ///< those that name a number
};

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_MODULE_LIST_H_
