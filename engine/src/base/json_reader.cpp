#include "base/json_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/text.h"

namespace tokencast {
namespace {

const Json& empty_object() {
  static const Json empty = Json::object();
  return empty;
}

/// The word or character at a position, as the reader sees it.
std::string token_at(std::string_view text, std::size_t position) {
  std::size_t end = position;
  while (end < text.size() && end - position < 20 &&
         (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
    ++end;
  }
  if (end == position && end < text.size()) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  }
  return std::string(text.substr(position, end - position));
}

std::string hint_for_token(const std::string& token) {
  struct Known {
    const char* token;
    const char* hint;
  };
  static constexpr std::array<Known, 9> kKnown = {{
      {"NaN", "JSON has no NaN: write a number or null"},
      {"Infinity", "JSON has no Infinity: write a number or null"},
      {"None", "this looks like a Python dict: write null for None"},
      {"True", "this looks like a Python dict: write true for True"},
      {"False", "this looks like a Python dict: write false for False"},
      {"'", "JSON strings take double quotes"},
      {"#", "JSON has no comments: remove it"},
      {"/", "JSON has no comments: remove it"},
      {"}", "remove the comma before it"},
  }};
  for (const Known& known : kKnown) {
    if (token == known.token) return known.hint;
  }
  return "paste the whole config.json, from its first { to its last }";
}

/// A bound with six digits, or with all of its own where six would name another number.
std::string bound_text(double bound) {
  const std::string text = number_text(bound);
  const bool exact = std::strtod(text.c_str(), nullptr) == bound;
  const bool whole = std::floor(bound) == bound && std::abs(bound) < 1e15;
  return exact || !whole ? text : std::to_string(static_cast<std::int64_t>(bound));
}

/// Whether values nest deeper than levels.
bool nests_deeper(const Json& value, int levels) {
  if (!value.is_structured()) return false;
  if (levels == 0) return true;
  return std::any_of(value.begin(), value.end(),
                     [levels](const Json& member) { return nests_deeper(member, levels - 1); });
}

}  // namespace

Error invalid_json(std::string_view text, std::size_t position) {
  if (position >= text.size()) {
    return {"invalid_json",
            "",
            "The text ends before the JSON is complete",
            "paste the whole config.json, from its first { to its last }",
            {{"reason", "truncated"}}};
  }
  // The parser stops inside or after a bad word; show it from its start.
  while (position > 0 && std::isalnum(static_cast<unsigned char>(text[position])) != 0 &&
         std::isalnum(static_cast<unsigned char>(text[position - 1])) != 0) {
    --position;
  }
  std::size_t line = 1;
  std::size_t column = 1;
  for (std::size_t i = 0; i < position; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((c & 0xC0U) != 0x80U) {
      ++column;
    }
  }
  std::string token = token_at(text, position);
  const bool readable = static_cast<unsigned char>(token[0]) >= 0x20;
  if (!readable) token = "a control character";
  return {"invalid_json",
          "",
          "Not valid JSON at line " + std::to_string(line) + ", column " + std::to_string(column) +
              ": unexpected " + (readable ? in_quotes(token) : token),
          hint_for_token(token),
          {{"reason", "unexpected"},
           {"line", std::to_string(line)},
           {"column", std::to_string(column)},
           {"found", token}}};
}

Result<Json> parse_json(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes) {
    const std::string megabytes = number_text(static_cast<double>(text.size()) / 1e6);
    const std::string maximum = number_text(static_cast<double>(max_bytes) / 1e6);
    return Error{"text_too_large",
                 "",
                 "The text is " + megabytes + " MB long; at most " + maximum + " MB are read",
                 "paste only the config.json, not weights or an index of them",
                 {{"megabytes", megabytes}, {"maximum", maximum}}};
  }
  try {
    // Parsing and freeing do not recurse in the library; copying and writing do.
    Json value = Json::parse(text);
    if (!nests_deeper(value, kMaxDepth)) return value;
    return Error{"invalid_json",
                 "",
                 "The text nests deeper than " + std::to_string(kMaxDepth) + " levels",
                 "paste a config.json: it nests four levels or so",
                 {{"reason", "depth"}, {"maximum", std::to_string(kMaxDepth)}}};
  } catch (const Json::parse_error& error) {
    // byte counts from 1 and names the last character read.
    if (std::string_view(error.what()).find("UTF-8") != std::string_view::npos) {
      return Error{"invalid_json",
                   "",
                   "The text is not UTF-8",
                   "save the file as UTF-8, or paste its text",
                   {{"reason", "encoding"}}};
    }
    return invalid_json(text, error.byte == 0 ? 0 : error.byte - 1);
  } catch (const Json::out_of_range&) {
    return Error{"invalid_json",
                 "",
                 "The text has a number too large to be stored",
                 "write numbers below 1e308",
                 {{"reason", "number"}}};
  }
}

bool is_text(const Json& value, std::string_view text) {
  return value.is_string() && value.get_ref<const std::string&>() == text;
}

std::string shown(const Json& value) {
  if (value.is_string()) return in_quotes(value.get_ref<const std::string&>());
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_number_float() && !std::isfinite(value.get<double>())) {
    return std::isnan(value.get<double>()) ? "NaN" : "Infinity";
  }
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string member_path(const std::string& path, std::string_view key) {
  std::string pointer = path + "/";
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

Error missing_field(const std::string& key, const std::string& path) {
  return {"missing_field", path, key + " is missing", "add " + in_quotes(key), {{"field", key}}};
}

Error wrong_type(const std::string& key, const std::string& path, const std::string& expected,
                 const Json& found) {
  return {"wrong_type",
          path,
          key + " must be " + expected + ", found " + shown(found),
          "write " + expected + " without quotes",
          {{"field", key}, {"expected", expected}, {"found", shown(found)}}};
}

Error out_of_range(const std::string& key, const std::string& path, const Json& found,
                   Range range) {
  const bool below = found.get<double>() < range.minimum;
  const std::string minimum = bound_text(range.minimum);
  const std::string maximum = bound_text(range.maximum);
  return {"out_of_range",
          path,
          key + " is " + shown(found) + "; it must be from " + minimum + " to " + maximum,
          below ? "write a larger number" : "write a smaller number",
          {{"field", key}, {"found", shown(found)}, {"minimum", minimum}, {"maximum", maximum}}};
}

Error not_a_text(const std::string& key, const std::string& path, const Json& found) {
  return {"wrong_type",
          path,
          key + " must be text, found " + shown(found),
          "write the text in double quotes",
          {{"field", key}, {"expected", "text"}, {"found", shown(found)}}};
}

Error not_one_of(const std::string& key, const std::string& path, const std::string& found,
                 const std::vector<std::string>& known) {
  const std::string near = nearest(found, known);
  return {"out_of_range",
          path,
          key + " is " + in_quotes(found),
          near.empty() ? "known: " + joined(known) : "did you mean " + in_quotes(near) + "?",
          {{"field", key}, {"found", found}, {"nearest", near}, {"known", joined(known)}}};
}

ObjectReader::ObjectReader(const Json& value, std::string path, std::optional<Error>& error)
    : value_(&value), path_(std::move(path)), error_(&error) {
  if (!value.is_object()) {
    fail({"wrong_type",
          path_,
          "Expected an object, found " + shown(value),
          "write an object: { … }",
          {{"expected", "object"}, {"found", shown(value)}}});
    value_ = &empty_object();
  }
}

const Json* ObjectReader::find(const std::string& key) const {
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

std::string ObjectReader::path_of(const std::string& key) const { return member_path(path_, key); }

void ObjectReader::fail(Error error) {
  if (!error_->has_value()) *error_ = std::move(error);
}

bool ObjectReader::require(const std::string& key) {
  if (has(key)) return true;
  fail(missing_field(key, path_of(key)));
  return false;
}

double ObjectReader::number(const std::string& key, Range range) {
  return require(key) ? number_or(key, range, range.minimum) : range.minimum;
}

double ObjectReader::number_or(const std::string& key, Range range, double fallback) {
  const Json* member = find(key);
  if (member == nullptr) return fallback;
  if (!member->is_number()) {
    fail(wrong_type(key, path_of(key), "a number", *member));
    return fallback;
  }
  const double value = member->get<double>();
  if (range.holds(value)) return value;
  fail(out_of_range(key, path_of(key), *member, range));
  return fallback;
}

std::int64_t ObjectReader::integer(const std::string& key, Range range) {
  return require(key) ? integer_or(key, range, static_cast<std::int64_t>(range.minimum))
                      : static_cast<std::int64_t>(range.minimum);
}

std::int64_t ObjectReader::integer_or(const std::string& key, Range range, std::int64_t fallback) {
  const Json* member = find(key);
  if (member == nullptr) return fallback;
  // 4096.0 is how some tools write 4096.
  if (!member->is_number() || std::floor(member->get<double>()) != member->get<double>()) {
    fail(wrong_type(key, path_of(key), "a whole number", *member));
    return fallback;
  }
  return static_cast<std::int64_t>(number_or(key, range, static_cast<double>(fallback)));
}

bool ObjectReader::boolean_or(const std::string& key, bool fallback) {
  const Json* member = find(key);
  if (member == nullptr) return fallback;
  if (!member->is_boolean()) {
    fail(wrong_type(key, path_of(key), "true or false", *member));
    return fallback;
  }
  return member->get<bool>();
}

std::string ObjectReader::string(const std::string& key) {
  return require(key) ? string_or(key, "") : "";
}

std::string ObjectReader::string_or(const std::string& key, const std::string& fallback) {
  const Json* member = find(key);
  if (member == nullptr) return fallback;
  if (!member->is_string()) {
    fail(not_a_text(key, path_of(key), *member));
    return fallback;
  }
  return member->get<std::string>();
}

std::string ObjectReader::one_of(const std::string& key, const std::vector<std::string>& known) {
  return require(key) ? one_of_or(key, known, known.front()) : known.front();
}

std::string ObjectReader::one_of_or(const std::string& key, const std::vector<std::string>& known,
                                    const std::string& fallback) {
  std::string name = string_or(key, fallback);
  if (name == fallback || std::find(known.begin(), known.end(), name) != known.end()) return name;
  fail(not_one_of(key, path_of(key), name, known));
  return fallback;
}

ObjectReader ObjectReader::object(const std::string& key) {
  const Json* member = find(key);
  return {member == nullptr ? empty_object() : *member, path_of(key), *error_};
}

void ObjectReader::refuse_unknown_keys(const std::vector<std::string>& known) {
  for (const auto& [key, value] : value_->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string near = nearest(key, known);
    fail({"unknown_field",
          path_of(key),
          in_quotes(key) + " is not a field here",
          near.empty() ? "known fields: " + joined(known) : "did you mean " + in_quotes(near) + "?",
          {{"field", key}, {"nearest", near}, {"known", joined(known)}}});
  }
}

}  // namespace tokencast
