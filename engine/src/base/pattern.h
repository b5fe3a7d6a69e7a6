// Regular expressions in time proportional to pattern × text, whatever both are: patterns come from
// pasted configs. (std::regex takes exponential time and stack, and differs between libraries.)
//
// Ignores: back references, look-around, counted repetition; a pattern with them is not understood.
#ifndef TOKENCAST_BASE_PATTERN_H_
#define TOKENCAST_BASE_PATTERN_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tokencast {

class Pattern {
 public:
  /// Returns the compiled pattern; nothing when it is not understood, or longer than 400
  /// characters. Known are . [] \d \w \s | () * + ? ^ $ and escapes.
  static std::optional<Pattern> compile(std::string_view pattern);

  /// Whether it matches from the start of text, as Python's re.match does.
  bool matches(std::string_view text) const;

  /// Whether it begins with .*, so that text in front makes no difference.
  bool starts_anywhere() const { return starts_anywhere_; }

  struct Range {
    char from, to;
  };
  enum class Kind { kCharacter, kAny, kClass, kSplit, kStart, kEnd, kMatch };
  struct State {
    Kind kind = Kind::kMatch;
    char character = 0;
    bool negated = false;
    std::vector<Range> ranges;
    int next = -1;
    int other = -1;
  };

 private:
  std::vector<State> states_;
  int start_ = -1;
  std::string required_;  ///< what every text that matches has
  bool starts_anywhere_ = false;
};

}  // namespace tokencast

#endif  // TOKENCAST_BASE_PATTERN_H_
