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

/// A shell wildcard as a regular expression for the whole text.
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
  return pattern + "$";
}

/// "model.layers.3.mlp" as "3.mlp"; empty when no layer is named.
std::string below_layers(std::string_view name) {
  for (const std::string_view list : {"layers.", "h.", "blocks."}) {
    for (std::size_t at = name.find(list); at != std::string_view::npos;
         at = name.find(list, at + 1)) {
      const std::size_t number = at + list.size();
      const bool segment = at == 0 || name[at - 1] == '.';
      if (segment && number < name.size() && is_digit(name[number])) {
        return std::string(name.substr(number));
      }
    }
  }
  return "";
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

template <class Set>
bool holds_prefix(const Set& set, std::string_view name) {
  for (std::size_t to = name.find('.');; to = name.find('.', to + 1)) {
    const std::size_t end = to == std::string_view::npos ? name.size() : to;
    if (set.find(name.substr(0, end)) != set.end()) return true;
    if (to == std::string_view::npos) return false;
  }
}

/// Whether a pattern matches a module under one of the roots that checkpoints have.
bool matches(const std::vector<Pattern>& patterns, const std::string& below_root) {
  for (const Pattern& pattern : patterns) {
    for (const std::string_view root :
         {"model.", "model.language_model.", "language_model.model.", ""}) {
      if (pattern.matches(std::string(root) + below_root)) return true;
    }
  }
  return false;
}

}  // namespace

bool ModuleList::add_pattern(const std::string& text) {
  constexpr std::size_t kMost = 200;  // more are a list of names written as patterns
  std::optional<Pattern> pattern = Pattern::compile(text);
  const bool digits = std::any_of(text.begin(), text.end(), is_digit);
  std::vector<Pattern>& patterns = digits ? layer_patterns_ : patterns_;
  if (!pattern || patterns.size() >= kMost) return false;
  patterns.push_back(std::move(*pattern));
  return true;
}

bool ModuleList::add(const std::string& entry) {
  constexpr std::string_view kRegularExpression = "re:";
  if (entry.rfind(kRegularExpression, 0) == 0) {
    return add_pattern(entry.substr(kRegularExpression.size()));
  }
  std::string name = entry;
  // "model.layers.0*" and "model.layers.0.*" name what is below it: a prefix says the same.
  while (!name.empty() && (name.back() == '*' || name.back() == '.')) name.pop_back();
  if (name.find('*') != std::string::npos) return add_pattern(wildcard_pattern(entry));
  if (name.empty()) return false;
  std::string in_layer = below_layers(name);
  if (in_layer.empty()) {
    // Without a layer: a part of names. Their roots ("model.", "language_model.") say nothing more.
    for (const std::string_view root :
         {"model.language_model.", "language_model.model.", "model."}) {
      if (name.rfind(root, 0) == 0) name.erase(0, root.size());
    }
    anywhere_.insert(std::move(name));
  } else {
    of_layers_.insert(std::move(in_layer));
  }
  return true;
}

bool ModuleList::holds(const std::vector<std::string>& names) const {
  return std::any_of(names.begin(), names.end(), [this](const std::string& name) {
    return holds_run(anywhere_, name) || matches(patterns_, "layers.0." + name) ||
           matches(patterns_, name);
  });
}

bool ModuleList::holds_in_layer(const std::vector<std::string>& names, std::int64_t layer) const {
  if (of_layers_.empty() && layer_patterns_.empty()) return false;
  const std::string number = std::to_string(layer) + ".";
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return holds_prefix(of_layers_, number + name) ||
           matches(layer_patterns_, "layers." + number + name);
  });
}

}  // namespace tokencast
