// Checked reading of JSON that a person wrote: every wrong value becomes an Error with its JSON
// pointer.
#ifndef TOKENCAST_BASE_JSON_READER_H_
#define TOKENCAST_BASE_JSON_READER_H_

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokencast {

/// Keys sorted: looking one up stays fast in an object of a million keys.
using Json = nlohmann::json;

/// Longest config.json that is read. The largest published is 0.3 MB (per-layer quantization
/// lists).
constexpr std::size_t kMaxConfigBytes = 4'000'000;
/// Longest request: a config as text, every character escaped, and the rest.
constexpr std::size_t kMaxRequestBytes = 32'000'000;

/// Deepest nesting that is read. Values are copied and written recursively: deeper ones could
/// exhaust the stack.
constexpr int kMaxDepth = 64;

/// Returns the JSON value that text holds.
///
/// Errors: text_too_large, invalid_json (with line, column and what stands there, or too deep a
/// nesting).
Result<Json> parse_json(std::string_view text, std::size_t max_bytes = kMaxConfigBytes);

/// Returns the JSON value that text holds, however deep, or a discarded one where it is not JSON.
Json json_of(std::string_view text);

/// Returns the error of a text that stops being JSON at a position: line, column and what stands
/// there.
Error invalid_json(std::string_view text, std::size_t position);

/// Whether value is this text.
bool is_text(const Json& value, std::string_view text);

/// Returns value as an error shows it: a number or text as it is, else "a list", "an object",
/// "NaN".
std::string shown(const Json& value);

/// Returns the JSON pointer of a member of what path points to.
std::string member_path(const std::string& path, std::string_view key);

/// Inclusive range of a number.
struct Range {
  double minimum;
  double maximum;
  bool holds(double value) const { return value >= minimum && value <= maximum; }
};

// Errors of one member of an object, alike wherever it is read.
Error missing_field(std::string_view key, const std::string& path);
Error wrong_type(std::string_view key, const std::string& path, const std::string& expected,
                 const Json& found);
Error out_of_range(std::string_view key, const std::string& path, const Json& found, Range range);
Error not_a_text(std::string_view key, const std::string& path, const Json& found);
/// Of a text that is none of the names known there, with the nearest of them.
Error not_one_of(std::string_view key, const std::string& path, const std::string& found,
                 const std::vector<std::string>& known);

/// Reads the fields of one JSON object. The first error is kept and later reads return fallbacks,
/// so that a reader is a plain list of fields with one check at its end. null counts as absent.
/// Keys and lists of names are taken as they stand in the program: there are hundreds of them, and
/// each would take code to become a std::string.
class ObjectReader {
 public:
  /// value must outlive the reader. path is the JSON pointer of value; error is shared with readers
  /// of other objects.
  ObjectReader(const Json& value, std::string path, std::optional<Error>& error);

  bool has(std::string_view key) const { return find(key) != nullptr; }
  /// Returns the member, or nullptr when it is absent or null.
  const Json* find(std::string_view key) const;
  /// Returns the JSON pointer of a member.
  std::string path_of(std::string_view key) const;

  std::int64_t integer(std::string_view key, Range range);  ///< required
  std::int64_t integer_or(std::string_view key, Range range, std::int64_t fallback);
  double number(std::string_view key, Range range);  ///< required
  double number_or(std::string_view key, Range range, double fallback);
  bool boolean_or(std::string_view key, bool fallback);
  std::string string(std::string_view key);  ///< required
  std::string string_or(std::string_view key, std::string_view fallback);
  std::string one_of(std::string_view key, const std::vector<std::string>& known);  ///< required
  std::string one_of_or(std::string_view key, const std::vector<std::string>& known,
                        std::string_view fallback);
  std::string one_of(std::string_view key, std::initializer_list<const char*> known);
  std::string one_of_or(std::string_view key, std::initializer_list<const char*> known,
                        std::string_view fallback);
  /// Returns the member's reader; absent members read as an empty object.
  ObjectReader object(std::string_view key);

  /// Reports the first key that is not in known, with the nearest known one.
  void refuse_unknown_keys(const std::vector<std::string>& known);
  void refuse_unknown_keys(std::initializer_list<const char*> known);

  /// Keeps error unless an earlier one is kept.
  void fail(Error error);
  bool failed() const { return error_->has_value(); }

 private:
  bool require(std::string_view key);

  const Json* value_;
  std::string path_;
  std::optional<Error>* error_;
};

}  // namespace tokencast

#endif  // TOKENCAST_BASE_JSON_READER_H_
