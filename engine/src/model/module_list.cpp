#include "model/module_list.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace tokencast {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/// A shell wildcard as a regular expression, for the modules it names and what is below them.
std::string wildcard_pattern(std::string_view wildcard) {
  std::string pattern;
  for (const char c : wildcard) {
    if (c == '*') {
      pattern += ".*";
    } else if (c == '?') {
      pattern += '.';
    } else if (is_word(c)) {
      pattern += c;
    } else {
      pattern += '\\';
      pattern += c;
    }
  }
  return pattern + "(\\.|$)";
}

struct InLayer {
  std::int64_t layer = 0;
  std::string_view rest;
};

/// "model.layers.3.mlp" as layer 3, "mlp"; nothing when no layer is named.
std::optional<InLayer> below_layers(std::string_view name) {
  constexpr std::size_t kMostDigits = 6;
  for (const std::string_view list : {"layers.", "h.", "blocks."}) {
    for (std::size_t at = name.find(list); at != std::string_view::npos;
         at = name.find(list, at + 1)) {
      const bool segment = at == 0 || name[at - 1] == '.';
      std::size_t end = at + list.size();
      std::int64_t layer = 0;
      std::size_t digits = 0;
      for (; end < name.size() && is_digit(name[end]); ++end, ++digits) {
        if (digits < kMostDigits) layer = 10 * layer + (name[end] - '0');
      }
      const bool whole = end == name.size() || name[end] == '.';
      if (!segment || digits == 0 || digits > kMostDigits || !whole) continue;
      return InLayer{layer, end == name.size() ? std::string_view() : name.substr(end + 1)};
    }
  }
  return std::nullopt;
}

/// Whether a name is of a routed expert other than the first, which stands for all.
bool names_another_expert(std::string_view name) {
  constexpr std::string_view kExperts = ".experts.";
  const std::size_t at = name.find(kExperts);
  if (at == std::string_view::npos) return false;
  const std::string_view number = name.substr(at + kExperts.size());
  return !number.empty() && is_digit(number[0]) && number.substr(0, 2) != "0.";
}

/// Whether part is a run of whole segments of name.
template <class Set>
bool holds_run(const Set& set, std::string_view name) {
  for (std::size_t from = 0; from <= name.size();) {
    for (std::size_t to = name.find('.', from);; to = name.find('.', to + 1)) {
      const std::size_t end = to == std::string_view::npos ? name.size() : to;
      if (set.find(name.substr(from, end - from)) != set.end()) return true;
      if (to == std::string_view::npos) break;
    }
    const std::size_t dot = name.find('.', from);
    if (dot == std::string_view::npos) return false;
    from = dot + 1;
  }
  return false;
}

/// Whether a pattern matches a module under one of the roots that checkpoints have.
bool matches(const std::vector<Pattern>& patterns, const std::string& below_root) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const Pattern& pattern) {
    if (pattern.matches(below_root)) return true;
    if (pattern.starts_anywhere()) return false;  // a root in front would change nothing
    return pattern.matches("model." + below_root) ||
           pattern.matches("model.language_model." + below_root) ||
           pattern.matches("language_model.model." + below_root);
  });
}

}  // namespace

bool ModuleList::add_pattern(const std::string& text) {
  constexpr std::size_t kMost = 50;  // more are a list of names written as patterns
  std::optional<Pattern> pattern = Pattern::compile(text);
  const bool digits = std::any_of(text.begin(), text.end(), is_digit);
  std::vector<Pattern>& patterns = digits ? layer_patterns_ : patterns_;
  if (!pattern || patterns.size() >= kMost) return false;
  patterns.push_back(std::move(*pattern));
  return true;
}

bool ModuleList::add(const std::string& entry) {
  if (names_another_expert(entry)) return true;
  constexpr std::string_view kRegularExpression = "re:";
  if (entry.starts_with(kRegularExpression)) {
    return add_pattern(entry.substr(kRegularExpression.size()));
  }
  std::string name = entry;
  // "model.layers.0*" and "model.layers.0.*" name what is below it: a prefix says the same.
  while (!name.empty() && (name.back() == '*' || name.back() == '.')) name.pop_back();
  if (name.find('*') != std::string::npos) return add_pattern(wildcard_pattern(entry));
  if (name.empty()) return false;
  if (const std::optional<InLayer> in_layer = below_layers(name)) {
    of_layers_[std::string(in_layer->rest)].insert(in_layer->layer);
    return true;
  }
  // Without a layer: a part of names. Their roots ("model.", "language_model.") say nothing more.
  for (const std::string_view root : {"model.language_model.", "language_model.model.", "model."}) {
    if (name.starts_with(root)) name.erase(0, root.size());
  }
  anywhere_.insert(std::move(name));
  return true;
}

bool ModuleList::holds(const std::vector<std::string>& names) const {
  return std::any_of(names.begin(), names.end(), [this](const std::string& name) {
    return holds_run(anywhere_, name) || matches(patterns_, "layers.0." + name) ||
           matches(patterns_, name);
  });
}

bool ModuleList::holds_in_layer(const std::vector<std::string>& names, std::int64_t layer) const {
  const auto names_layer = [&](std::string_view module) {
    const auto found = of_layers_.find(module);
    return found != of_layers_.end() && found->second.count(layer) > 0;
  };
  // A module above holds those below: the layer itself, then "self_attn", then "self_attn.q_proj".
  const auto names_module = [&](std::string_view name) {
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos;
         dot = name.find('.', dot + 1)) {
      if (names_layer(name.substr(0, dot))) return true;
    }
    return names_layer(name);
  };
  if (!of_layers_.empty() &&
      (names_layer("") || std::any_of(names.begin(), names.end(), names_module))) {
    return true;
  }
  if (layer_patterns_.empty()) return false;
  const std::string number = std::to_string(layer) + ".";
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return matches(layer_patterns_, "layers." + number + name);
  });
}

}  // namespace tokencast
