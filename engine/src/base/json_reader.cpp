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
  const bool whole = std::floor(bound) == bound && std::abs(bound) <= 9007199254740992.0;
  return exact || !whole ? text : std::to_string(static_cast<std::int64_t>(bound));
}

/// What the library's parser reports becomes a value. Its own builder is compiled for each kind of
/// text it is given and again for callbacks that nobody uses; and what it finds, it throws.
class Builder {
 public:
  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(Json::number_integer_t value) { return add(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
  bool number_float(Json::number_float_t value, const Json::string_t& /*text*/) {
    return add(value);
  }
  bool string(Json::string_t& value) { return add(std::move(value)); }
  bool binary(Json::binary_t& /*value*/) { return false; }  // never: of other formats
  bool start_object(std::size_t /*size*/) { return open(Json::value_t::object); }
  bool start_array(std::size_t /*size*/) { return open(Json::value_t::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(Json::string_t& name) {
    member_ = &(*open_.back())[std::move(name)];
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const Json::exception& error) {
    constexpr int kNumberTooLarge = 406;
    position_ = position;
    number_too_large_ = error.id == kNumberTooLarge;
    not_utf8_ = std::string_view(error.what()).find("UTF-8") != std::string_view::npos;
    return false;
  }

  Json take() { return std::move(root_); }
  /// How many characters were read until the error.
  std::size_t position() const { return position_; }
  bool number_too_large() const { return number_too_large_; }
  bool not_utf8() const { return not_utf8_; }
  bool too_deep() const { return too_deep_; }

 private:
  /// Puts value where the text is, and returns its place.
  Json* place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    *member_ = std::move(value);
    return member_;
  }
  bool add(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json::value_t type) {
    too_deep_ = too_deep_ || open_.size() >= kMaxDepth;
    open_.push_back(place(type));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Json root_;
  std::vector<Json*> open_;
  Json* member_ = nullptr;
  std::size_t position_ = 0;
  bool number_too_large_ = false;
  bool not_utf8_ = false;
  bool too_deep_ = false;
};

/// Returns whether text is JSON. Neither this nor freeing the value recurses; copying and writing
/// do.
bool build(std::string_view text, Builder& builder) {
  return Json::sax_parse(text.data(), text.data() + text.size(), &builder);
}

std::vector<std::string> texts_of(std::initializer_list<const char*> names) {
  return {names.begin(), names.end()};
}

}  // namespace

Error invalid_json(std::string_view text, std::size_t position) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return {"invalid_json",
            "",
            "The text is empty",
            "paste the whole config.json, from its first { to its last }",
            {{"reason", "empty"}}};
  }
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
  Builder builder;
  if (build(text, builder)) {
    if (!builder.too_deep()) return builder.take();
    return Error{"invalid_json",
                 "",
                 "The text nests deeper than " + std::to_string(kMaxDepth) + " levels",
                 "paste a config.json: it nests four levels or so",
                 {{"reason", "depth"}, {"maximum", std::to_string(kMaxDepth)}}};
  }
  if (builder.number_too_large()) {
    return Error{"invalid_json",
                 "",
                 "The text has a number too large to be stored",
                 "write numbers below 1e308",
                 {{"reason", "number"}}};
  }
  if (builder.not_utf8()) {
    return Error{"invalid_json",
                 "",
                 "The text is not UTF-8",
                 "save the file as UTF-8, or paste its text",
                 {{"reason", "encoding"}}};
  }
  // The position counts from 1 and names the last character read.
  return invalid_json(text, builder.position() == 0 ? 0 : builder.position() - 1);
}

Json json_of(std::string_view text) {
  Builder builder;
  return build(text, builder) ? builder.take() : Json(Json::value_t::discarded);
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
  // The writer of answers, so that there is one.
  return nlohmann::ordered_json(value).dump();
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

Error missing_field(std::string_view key, const std::string& path) {
  return {"missing_field",
          path,
          std::string(key) + " is missing",
          "add " + in_quotes(key),
          {{"field", std::string(key)}}};
}

Error wrong_type(std::string_view key, const std::string& path, const std::string& expected,
                 const Json& found) {
  return {"wrong_type",
          path,
          std::string(key) + " must be " + expected + ", found " + shown(found),
          "write " + expected + " without quotes",
          {{"field", std::string(key)}, {"expected", expected}, {"found", shown(found)}}};
}

Error out_of_range(std::string_view key, const std::string& path, const Json& found, Range range) {
  const bool below = found.get<double>() < range.minimum;
  const std::string minimum = bound_text(range.minimum);
  const std::string maximum = bound_text(range.maximum);
  return {
      "out_of_range",
      path,
      std::string(key) + " is " + shown(found) + "; it must be from " + minimum + " to " + maximum,
      below ? "write a larger number" : "write a smaller number",
      {{"field", std::string(key)},
       {"found", shown(found)},
       {"minimum", minimum},
       {"maximum", maximum}}};
}

Error not_a_text(std::string_view key, const std::string& path, const Json& found) {
  return {"wrong_type",
          path,
          std::string(key) + " must be text, found " + shown(found),
          "write the text in double quotes",
          {{"field", std::string(key)}, {"expected", "text"}, {"found", shown(found)}}};
}

Error not_one_of(std::string_view key, const std::string& path, const std::string& found,
                 const std::vector<std::string>& known) {
  const std::string near = nearest(found, known);
  return {
      "out_of_range",
      path,
      std::string(key) + " is " + in_quotes(found),
      near.empty() ? "known: " + joined(known) : "did you mean " + in_quotes(near) + "?",
      {{"field", std::string(key)}, {"found", found}, {"nearest", near}, {"known", joined(known)}}};
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

const Json* ObjectReader::find(std::string_view key) const {
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

std::string ObjectReader::path_of(std::string_view key) const { return member_path(path_, key); }

void ObjectReader::fail(Error error) {
  if (!error_->has_value()) *error_ = std::move(error);
}

bool ObjectReader::require(std::string_view key) {
  if (has(key)) return true;
  fail(missing_field(key, path_of(key)));
  return false;
}

double ObjectReader::number(std::string_view key, Range range) {
  return require(key) ? number_or(key, range, range.minimum) : range.minimum;
}

double ObjectReader::number_or(std::string_view key, Range range, double fallback) {
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

std::int64_t ObjectReader::integer(std::string_view key, Range range) {
  return require(key) ? integer_or(key, range, static_cast<std::int64_t>(range.minimum))
                      : static_cast<std::int64_t>(range.minimum);
}

std::int64_t ObjectReader::integer_or(std::string_view key, Range range, std::int64_t fallback) {
  const Json* member = find(key);
  if (member == nullptr) return fallback;
  // 4096.0 is how some tools write 4096.
  if (!member->is_number() || std::floor(member->get<double>()) != member->get<double>()) {
    fail(wrong_type(key, path_of(key), "a whole number", *member));
    return fallback;
  }
  return static_cast<std::int64_t>(number_or(key, range, static_cast<double>(fallback)));
}

bool ObjectReader::boolean_or(std::string_view key, bool fallback) {
  const Json* member = find(key);
  if (member == nullptr) return fallback;
  if (!member->is_boolean()) {
    fail(wrong_type(key, path_of(key), "true or false", *member));
    return fallback;
  }
  return member->get<bool>();
}

std::string ObjectReader::string(std::string_view key) {
  return require(key) ? string_or(key, "") : "";
}

std::string ObjectReader::string_or(std::string_view key, std::string_view fallback) {
  const Json* member = find(key);
  if (member == nullptr) return std::string(fallback);
  if (!member->is_string()) {
    fail(not_a_text(key, path_of(key), *member));
    return std::string(fallback);
  }
  return member->get<std::string>();
}

std::string ObjectReader::one_of(std::string_view key, const std::vector<std::string>& known) {
  return require(key) ? one_of_or(key, known, known.front()) : known.front();
}

std::string ObjectReader::one_of_or(std::string_view key, const std::vector<std::string>& known,
                                    std::string_view fallback) {
  std::string name = string_or(key, fallback);
  if (name == fallback || std::find(known.begin(), known.end(), name) != known.end()) return name;
  fail(not_one_of(key, path_of(key), name, known));
  return std::string(fallback);
}

std::string ObjectReader::one_of(std::string_view key, std::initializer_list<const char*> known) {
  return one_of(key, texts_of(known));
}

std::string ObjectReader::one_of_or(std::string_view key, std::initializer_list<const char*> known,
                                    std::string_view fallback) {
  return one_of_or(key, texts_of(known), fallback);
}

ObjectReader ObjectReader::object(std::string_view key) {
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
          {{"field", std::string(key)}, {"nearest", near}, {"known", joined(known)}}});
  }
}

void ObjectReader::refuse_unknown_keys(std::initializer_list<const char*> known) {
  refuse_unknown_keys(texts_of(known));
}

}  // namespace tokencast
