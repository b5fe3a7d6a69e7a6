// Errors as values: what is wrong, where, and what to do. Nothing here throws.
#ifndef TOKENCAST_BASE_RESULT_H_
#define TOKENCAST_BASE_RESULT_H_

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tokencast {

/// What a translation of a message needs, by name: {"value", "0"}, {"minimum", "1"}.
using Params = std::vector<std::pair<std::string, std::string>>;

struct Error {
  std::string code;     ///< stable, for programs and translations
  std::string path;     ///< JSON pointer into what the user gave; empty for the whole of it
  std::string message;  ///< what is wrong, English
  std::string hint;     ///< what to do, English
  Params params;
};

/// Something the reader must know of an answer that was given.
struct Note {
  std::string code;
  std::string message;
  Params params;
};

/// A T, or the Error that stood in its way.
template <class T>
class Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return std::holds_alternative<T>(state_); }
  const T& value() const { return std::get<T>(state_); }
  T& value() { return std::get<T>(state_); }
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace tokencast

#endif  // TOKENCAST_BASE_RESULT_H_
