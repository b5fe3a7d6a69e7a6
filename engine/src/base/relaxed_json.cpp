#include "base/relaxed_json.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <optional>

namespace tokencast {
namespace {

bool is_word_character(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || c == '_' ||
         c == '.';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

void append_utf8(std::string& text, unsigned code_point) {
  const auto byte = [&text](unsigned value) {
    text += static_cast<char>(static_cast<unsigned char>(value));
  };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xC0U | (code_point >> 6U));
    byte(0x80U | (code_point & 0x3FU));
  } else {
    byte(0xE0U | (code_point >> 12U));
    byte(0x80U | ((code_point >> 6U) & 0x3FU));
    byte(0x80U | (code_point & 0x3FU));
  }
}

/// Reads one value at a time. After a failure, position is where it stopped.
class Parser {
 public:
  explicit Parser(std::string_view text, std::size_t start) : text_(text), position_(start) {}

  std::optional<Json> value(int depth) {
    skip_space();
    if (at_end() || depth > kMaxDepth) return std::nullopt;
    const char c = text_[position_];
    if (c == '{') return object(depth);
    if (c == '[') return list(depth, ']');
    if (c == '(' || c == '\'') json_but_for_infinity_ = false;
    if (c == '(') return list(depth, ')');
    if (c == '"' || c == '\'') {
      std::optional<std::string> text = string();
      if (!text) return std::nullopt;
      return Json(std::move(*text));
    }
    return word();
  }

  std::size_t position() const { return position_; }
  /// Whether all it read was JSON but for NaN and Infinity, which json.dump of Python writes.
  bool json_but_for_infinity() const { return json_but_for_infinity_; }

 private:
  bool at_end() const { return position_ >= text_.size(); }

  bool take(char c) {
    if (at_end() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  /// Skips white space and comments.
  void skip_space() {
    while (!at_end()) {
      const std::string_view rest = text_.substr(position_);
      if (is_space(rest[0])) {
        ++position_;
      } else if (rest[0] == '#' || rest.substr(0, 2) == "//") {
        json_but_for_infinity_ = false;
        skip_past("\n");
      } else if (rest.substr(0, 2) == "/*") {
        json_but_for_infinity_ = false;
        skip_past("*/");
      } else {
        return;
      }
    }
  }

  void skip_past(std::string_view end) {
    const std::size_t found = text_.find(end, position_);
    position_ = found == std::string_view::npos ? text_.size() : found + end.size();
  }

  std::optional<Json> object(int depth) {
    Json json = Json::object();
    ++position_;
    for (skip_space(); !take('}'); skip_space()) {
      if (at_end() || (text_[position_] != '"' && text_[position_] != '\'')) return std::nullopt;
      if (text_[position_] == '\'') json_but_for_infinity_ = false;
      const std::optional<std::string> key = string();
      skip_space();
      if (!key || !take(':')) return std::nullopt;
      std::optional<Json> member = value(depth + 1);
      if (!member || !separated('}')) return std::nullopt;
      json[*key] = std::move(*member);
    }
    return json;
  }

  std::optional<Json> list(int depth, char close) {
    Json json = Json::array();
    ++position_;
    for (skip_space(); !take(close); skip_space()) {
      std::optional<Json> item = value(depth + 1);
      if (!item || !separated(close)) return std::nullopt;
      json.push_back(std::move(*item));
    }
    return json;
  }

  /// Takes the comma after a member; none is needed before the closing bracket.
  bool separated(char close) {
    skip_space();
    if (!take(',')) return !at_end() && text_[position_] == close;
    skip_space();
    if (!at_end() && text_[position_] == close) json_but_for_infinity_ = false;  // trailing comma
    return true;
  }

  std::optional<std::string> string() {
    const char quote = text_[position_++];
    std::string result;
    while (!at_end()) {
      const char c = text_[position_];
      if (c == quote) {
        ++position_;
        return result;
      }
      if (c == '\n') return std::nullopt;  // a quote that was never closed
      ++position_;
      if (c != '\\') {
        result += c;
      } else if (!escape(result)) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  bool escape(std::string& result) {
    if (at_end()) return false;
    const char c = text_[position_++];
    switch (c) {
      case 'n':
        result += '\n';
        return true;
      case 't':
        result += '\t';
        return true;
      case 'r':
        result += '\r';
        return true;
      case 'b':
        result += '\b';
        return true;
      case 'f':
        result += '\f';
        return true;
      case 'u':
        return unicode_escape(result);
      default:
        result += c;
        return true;  // quotes, slashes, and what Python leaves as it is
    }
  }

  bool unicode_escape(std::string& result) {
    constexpr std::size_t kDigits = 4;
    const std::string digits(text_.substr(position_, kDigits));
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos ||
        digits.size() < kDigits) {
      return false;
    }
    position_ += kDigits;
    const auto code_point = static_cast<unsigned>(std::strtoul(digits.c_str(), nullptr, 16));
    // Halves of a pair stand for characters outside the plane that configs use: a replacement is as
    // good.
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    append_utf8(result, surrogate ? 0xFFFD : code_point);
    return true;
  }

  /// A number, a constant, float("inf"), or a name such as torch.bfloat16, whose last part is taken
  /// as text.
  std::optional<Json> word() {
    const std::size_t start = position_;
    if (text_[position_] == '-' || text_[position_] == '+') ++position_;
    while (!at_end() && (is_word_character(text_[position_]) || is_exponent_sign())) ++position_;
    const std::string name(text_.substr(start, position_ - start));
    constexpr std::string_view kJsonWords[] = {"true", "false",    "null",
                                               "NaN",  "Infinity", "-Infinity"};
    const bool json =
        std::find(std::begin(kJsonWords), std::end(kJsonWords), name) != std::end(kJsonWords) ||
        !json_of(name).is_discarded();
    if (!json) json_but_for_infinity_ = false;
    if (name == "float" && take('(')) return called_float(start);
    std::optional<Json> read = constant(name);
    if (!read) position_ = start;
    return read;
  }

  /// The sign in 1e-05 and 1e+308.
  bool is_exponent_sign() const {
    const char c = text_[position_];
    return (c == '-' || c == '+') && position_ > 0 &&
           (text_[position_ - 1] == 'e' || text_[position_ - 1] == 'E');
  }

  std::optional<Json> called_float(std::size_t start) {
    std::optional<Json> argument = value(0);
    skip_space();
    if (!argument || !take(')')) return std::nullopt;
    if (argument->is_number()) return argument;
    if (argument->is_string()) {
      std::optional<Json> read = constant(argument->get_ref<const std::string&>());
      if (read && read->is_number()) return read;
    }
    position_ = start;
    return std::nullopt;
  }

  static std::optional<Json> constant(const std::string& name) {
    if (name == "true" || name == "True") return Json(true);
    if (name == "false" || name == "False") return Json(false);
    if (name == "null" || name == "None") return Json(nullptr);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (name == "Infinity" || name == "inf" || name == "+Infinity" || name == "+inf")
      return Json(kInfinity);
    if (name == "-Infinity" || name == "-inf") return Json(-kInfinity);
    if (name == "NaN" || name == "nan") return Json(std::numeric_limits<double>::quiet_NaN());
    if (std::optional<Json> read = number(name)) return read;
    const std::size_t dot = name.rfind('.');
    const bool dotted_name = dot != std::string::npos && dot + 1 < name.size() &&
                             (name[0] == '_' || (name[0] >= 'a' && name[0] <= 'z') ||
                              (name[0] >= 'A' && name[0] <= 'Z'));
    if (dotted_name) return Json(name.substr(dot + 1));
    return std::nullopt;
  }

  /// Through the JSON library, so that 4096 stays whole and rounding is the same; Python also
  /// writes 1., .5, +1 and 1_000.
  static std::optional<Json> number(const std::string& text) {
    std::string plain;
    for (const char c : text) {
      if (c != '_') plain += c;
    }
    if (!plain.empty() && plain[0] == '+') plain.erase(0, 1);
    const std::size_t first = !plain.empty() && plain[0] == '-' ? 1 : 0;
    if (plain.size() > first && plain[first] == '.') plain.insert(first, 1, '0');
    if (!plain.empty() && plain.back() == '.') plain += '0';
    if (plain.find_first_not_of("0123456789+-.eE") != std::string::npos) return std::nullopt;
    Json read = json_of(plain);
    if (!read.is_number()) return std::nullopt;
    return read;
  }

  std::string_view text_;
  std::size_t position_;
  bool json_but_for_infinity_ = true;
};

/// The text of a line without what marks a heading, a list or an assignment; empty for a Markdown
/// fence.
std::string_view bare_line(std::string_view line) {
  constexpr std::string_view kMarks = " \t\r#*=:,-";
  const std::size_t first = line.find_first_not_of(kMarks);
  if (first == std::string_view::npos || line.substr(first, 3) == "```") return {};
  return line.substr(first, line.find_last_not_of(kMarks) + 1 - first);
}

/// The last line with text in it that ends before a position: "Qwen2.5-32B" above its config.
std::string title_before(std::string_view text, std::size_t from, std::size_t position) {
  constexpr std::size_t kLongest = 60;
  std::string_view before = text.substr(from, position - from);
  while (!before.empty()) {
    const std::size_t line = before.rfind('\n');
    const std::size_t start = line == std::string_view::npos ? 0 : line + 1;
    const std::string_view bare = bare_line(before.substr(start));
    if (!bare.empty()) return std::string(bare.size() > kLongest ? std::string_view() : bare);
    before = before.substr(0, start == 0 ? 0 : start - 1);
  }
  return "";
}

Result<Pasted> read_relaxed(std::string_view text) {
  constexpr std::size_t kMostObjects = 100;  // nobody chooses among more
  Pasted pasted;
  std::size_t after = 0;
  for (std::size_t brace = text.find('{'); brace != std::string_view::npos;
       brace = text.find('{', after)) {
    Parser parser(text, brace);
    std::optional<Json> value = parser.value(0);
    if (!value) {
      Error error = invalid_json(text, parser.position());
      // What its hints call no JSON (quotes, constants, comments, last commas) is read here.
      error.hint = "paste the whole config.json, from its first { to its last }";
      return error;
    }
    const std::string_view before = text.substr(0, brace);
    const std::string_view behind = text.substr(parser.position());
    constexpr std::string_view kSpace = " \t\r\n";
    pasted.strict = parser.json_but_for_infinity() &&
                    before.find_first_not_of(kSpace) == std::string_view::npos &&
                    behind.find_first_not_of(kSpace) == std::string_view::npos;
    pasted.objects.push_back({title_before(text, after, brace), std::move(*value)});
    after = parser.position();
    if (pasted.objects.size() == kMostObjects) break;
  }
  return pasted;
}

}  // namespace

Result<Pasted> read_pasted(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    text.remove_prefix(kByteOrderMark.size());
  Result<Json> strict = parse_json(text);
  if (strict.ok()) {
    Pasted pasted;
    pasted.strict = true;
    pasted.objects.push_back({"", std::move(strict.value())});
    return pasted;
  }
  // Too long, too deep or not UTF-8: reading it loosely would not help.
  const Params& params = strict.error().params;
  const bool unexpected = strict.error().code == "invalid_json" && !params.empty() &&
                          (params[0].second == "unexpected" || params[0].second == "truncated");
  if (!unexpected) return strict.error();
  Result<Pasted> relaxed = read_relaxed(text);
  // Without a brace there is nothing to read loosely; the strict reader says it better.
  if (relaxed.ok() && relaxed.value().objects.empty()) return strict.error();
  return relaxed;
}

}  // namespace tokencast
