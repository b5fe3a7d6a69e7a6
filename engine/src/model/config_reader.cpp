#include "model/config_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace tokencast {
namespace {

const Json& empty_object() {
  static const Json empty = Json::object();
  return empty;
}

const Json* member(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// What the text of value spells; value itself when it is no text.
Json spelled(const Json& value) {
  if (!value.is_string()) return value;
  return json_of(value.get_ref<const std::string&>());
}

/// The number that value is, or that its text spells.
std::optional<double> number_of(const Json& value) {
  if (!value.is_number() && !value.is_string()) return std::nullopt;
  const Json number = spelled(value);
  if (!number.is_number()) return std::nullopt;
  return number.get<double>();
}

std::optional<bool> boolean_of(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (is_text(value, "true") || is_text(value, "True")) return true;
  if (is_text(value, "false") || is_text(value, "False")) return false;
  if (value == 1) return true;
  if (value == 0) return false;
  return std::nullopt;
}

Error not_a_list(const std::string& name, const std::string& path, const std::string& of,
                 const Json& found) {
  return {"wrong_type",
          path,
          name + " must be a list of " + of + ", found " + shown(found),
          "paste the config as the model's repository has it",
          {{"field", name}, {"expected", "a list of " + of}, {"found", shown(found)}}};
}

}  // namespace

ConfigReader::ConfigReader(const Json& section, std::string path, ReadState& state)
    : sections_{{&section, std::move(path)}}, state_(&state) {}

void ConfigReader::then_look_into(const Json& section, const std::string& path) {
  sections_.push_back({&section, path});
}

ConfigReader::Found ConfigReader::look_up(const Names& names) const {
  for (const Section& section : sections_) {
    for (const std::string_view name : names) {
      if (const Json* value = member(*section.json, name)) {
        state_->read.insert(value);
        return {value, std::string(name), member_path(section.path, name), false};
      }
    }
  }
  const std::string path = member_path(sections_.front().path, names.front());
  if (defaults_ != nullptr) {
    for (const std::string_view name : names) {
      if (const Json* value = member(*defaults_, name)) {
        return {value, std::string(name), path, true};
      }
    }
  }
  return {nullptr, names.front(), path, false};
}

const Json* ConfigReader::find(const Names& names) const { return look_up(names).value; }

std::string ConfigReader::path_of(const Names& names) const { return look_up(names).path; }

void ConfigReader::note_default(const Found& found) {
  if (!found.is_default || !found.value->is_number()) return;
  state_->defaults.push_back(found.name + " " + shown(*found.value));
}

std::optional<double> ConfigReader::number_in(const Found& found, const std::string& expected) {
  const std::optional<double> value = number_of(*found.value);
  if (!value) fail(wrong_type(found.name, found.path, expected, *found.value));
  return value;
}

std::optional<std::int64_t> ConfigReader::integer_in(const Found& found, Range range) {
  constexpr const char* kExpected = "a whole number";
  const std::optional<double> value = number_in(found, kExpected);
  if (!value) return std::nullopt;
  if (std::floor(*value) != *value) {  // true of NaN too
    fail(wrong_type(found.name, found.path, kExpected, *found.value));
    return std::nullopt;
  }
  if (!range.holds(*value)) {
    fail(out_of_range(found.name, found.path, spelled(*found.value), range));
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*value);
}

std::int64_t ConfigReader::integer(const Names& names, Range range) {
  const Found found = look_up(names);
  if (found.value != nullptr) return integer_or(names, range, 0);
  Error error = missing_field(found.name, found.path);
  const std::string near = nearest(found.name, keys());
  if (!near.empty()) {
    error.hint =
        "the config has " + in_quotes(near) + ": did you mean " + in_quotes(found.name) + "?";
    error.params.emplace_back("nearest", near);
  }
  fail(std::move(error));
  return static_cast<std::int64_t>(range.minimum);
}

std::int64_t ConfigReader::integer_or(const Names& names, Range range, std::int64_t fallback) {
  const Found found = look_up(names);
  if (found.value == nullptr) return fallback;
  note_default(found);
  return integer_in(found, range)
      .value_or(std::max(fallback, static_cast<std::int64_t>(range.minimum)));
}

double ConfigReader::number_or(const Names& names, Range range, double fallback) {
  const Found found = look_up(names);
  if (found.value == nullptr) return fallback;
  const std::optional<double> value = number_in(found, "a number");
  if (!value) return fallback;
  if (range.holds(*value)) return *value;
  fail(out_of_range(found.name, found.path, spelled(*found.value), range));
  return fallback;
}

bool ConfigReader::boolean_or(const Names& names, bool fallback) {
  const Found found = look_up(names);
  if (found.value == nullptr) return fallback;
  const std::optional<bool> value = boolean_of(*found.value);
  if (!value) fail(wrong_type(found.name, found.path, "true or false", *found.value));
  return value.value_or(fallback);
}

std::string ConfigReader::text_or(const Names& names, const std::string& fallback) {
  const Found found = look_up(names);
  if (found.value == nullptr) return fallback;
  if (found.value->is_string()) return found.value->get<std::string>();
  fail(not_a_text(found.name, found.path, *found.value));
  return fallback;
}

std::vector<std::int64_t> ConfigReader::per_layer(const Names& names, Range range,
                                                  std::int64_t layers, std::int64_t absent) {
  const auto count = static_cast<std::size_t>(layers);
  const Found found = look_up(names);
  if (found.value == nullptr) return std::vector<std::int64_t>(count, absent);
  if (!found.value->is_array()) {
    return std::vector<std::int64_t>(count, integer_or(names, range, absent));
  }
  std::vector<std::int64_t> values = integers(names, range);
  if (!failed() && values.size() < count) {
    contradiction(names, "layer_list",
                  found.name + " has " + std::to_string(values.size()) + " values for " +
                      std::to_string(layers) + " layers",
                  "give one for each layer, or one number for all",
                  {{"field", found.name},
                   {"found", std::to_string(values.size())},
                   {"layers", std::to_string(layers)}});
  }
  values.resize(count, absent);
  return values;
}

std::vector<std::int64_t> ConfigReader::integers(const Names& names, Range range) {
  std::vector<std::int64_t> values;
  const Found found = look_up(names);
  if (found.value == nullptr) return values;
  if (!found.value->is_array()) {
    fail(not_a_list(found.name, found.path, "whole numbers", *found.value));
    return values;
  }
  values.reserve(found.value->size());
  for (std::size_t i = 0; i < found.value->size() && !failed(); ++i) {
    const Found item = {&(*found.value)[i], found.name, found.path + "/" + std::to_string(i),
                        false};
    if (const std::optional<std::int64_t> value = integer_in(item, range)) values.push_back(*value);
  }
  return values;
}

std::vector<std::string> ConfigReader::texts(const Names& names) {
  std::vector<std::string> values;
  const Found found = look_up(names);
  if (found.value == nullptr) return values;
  const bool all_texts =
      found.value->is_array() && std::all_of(found.value->begin(), found.value->end(),
                                             [](const Json& item) { return item.is_string(); });
  if (!all_texts) {
    fail(not_a_list(found.name, found.path, "names", *found.value));
    return values;
  }
  for (const Json& item : *found.value) values.push_back(item.get<std::string>());
  return values;
}

ConfigReader ConfigReader::object(const Names& names) const {
  const Found found = look_up(names);
  if (found.value == nullptr) return {empty_object(), found.path, *state_};
  if (found.value->is_object()) return {*found.value, found.path, *state_};
  if (!state_->error) {
    state_->error =
        Error{"wrong_type",
              found.path,
              found.name + " must be an object, found " + shown(*found.value),
              "write an object: { … }",
              {{"field", found.name}, {"expected", "an object"}, {"found", shown(*found.value)}}};
  }
  return {empty_object(), found.path, *state_};
}

std::vector<std::string> ConfigReader::keys() const {
  constexpr std::size_t kMost = 2000;  // of which a message chooses one
  std::vector<std::string> keys;
  for (const Section& section : sections_) {
    for (const auto& [key, value] : section.json->items()) {
      if (keys.size() == kMost) return keys;
      // A key that was read is no misspelling of another; null is no answer.
      if (!value.is_null() && state_->read.count(&value) == 0) keys.push_back(key);
    }
  }
  return keys;
}

std::vector<ConfigReader::Member> ConfigReader::unread() const {
  const auto is_read = [this](const Json& value) { return state_->read.count(&value) > 0; };
  const auto read_elsewhere = [&](const std::string& key) {
    return std::any_of(sections_.begin(), sections_.end(), [&](const Section& section) {
      const auto found = section.json->find(key);
      return found != section.json->end() && is_read(*found);
    });
  };
  std::vector<Member> members;
  for (const Section& section : sections_) {
    for (const auto& [key, value] : section.json->items()) {
      if (value.is_null() || is_read(value) || read_elsewhere(key)) continue;
      members.push_back({key, &value, member_path(section.path, key)});
    }
  }
  return members;
}

void ConfigReader::fail(Error error) {
  if (!failed()) state_->error = std::move(error);
}

void ConfigReader::contradiction(const Names& names, const std::string& reason,
                                 const std::string& message, const std::string& hint,
                                 Params params) {
  params.insert(params.begin(), {"reason", reason});
  fail({"inconsistent_config", path_of(names), message, hint, std::move(params)});
}

void ConfigReader::note(const std::string& code, const std::string& message, Params params) {
  const bool said = std::any_of(state_->notes.begin(), state_->notes.end(), [&](const Note& note) {
    return note.code == code && note.message == message;
  });
  if (!said) state_->notes.push_back({code, message, std::move(params)});
}

}  // namespace tokencast
