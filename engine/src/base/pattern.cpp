#include "base/pattern.h"

#include <algorithm>
#include <utility>

namespace tokencast {
namespace {

constexpr std::size_t kLongestPattern = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

using Kind = Pattern::Kind;
using Range = Pattern::Range;
using State = Pattern::State;

struct Program {
  std::vector<State> states;
  int start = -1;
};

/// A piece of a program whose ends are still open.
struct Fragment {
  int start = -1;
  std::vector<std::pair<int, bool>> ends;  ///< state, and whether its other exit
};

/// Compiles by recursive descent: alternatives of sequences of repeated atoms.
class Compiler {
 public:
  explicit Compiler(std::string_view pattern) : pattern_(pattern) {}

  std::optional<Program> compile() {
    if (pattern_.size() > kLongestPattern) return std::nullopt;
    Fragment all = alternatives(0);
    if (failed_ || position_ != pattern_.size()) return std::nullopt;
    State end;
    end.kind = Kind::kMatch;
    connect(all, add(std::move(end)));
    program_.start = all.start;
    return std::move(program_);
  }

 private:
  bool at_end() const { return position_ >= pattern_.size(); }
  char peek() const { return pattern_[position_]; }
  bool take(char c) {
    if (at_end() || peek() != c) return false;
    ++position_;
    return true;
  }
  int add(State state) {
    program_.states.push_back(std::move(state));
    return static_cast<int>(program_.states.size()) - 1;
  }
  void connect(const Fragment& fragment, int to) {
    for (const auto& [state, other] : fragment.ends) {
      State& from = program_.states[static_cast<std::size_t>(state)];
      (other ? from.other : from.next) = to;
    }
  }
  Fragment fail() {
    failed_ = true;
    return nothing();
  }
  /// Matches the empty text.
  Fragment nothing() {
    State split;
    split.kind = Kind::kSplit;
    const int at = add(std::move(split));
    return {at, {{at, false}}};
  }

  Fragment alternatives(int depth) {
    constexpr int kDeepest = 20;
    if (depth > kDeepest) return fail();
    Fragment left = sequence(depth);
    while (!failed_ && take('|')) {
      Fragment right = sequence(depth);
      State split;
      split.kind = Kind::kSplit;
      split.next = left.start;
      split.other = right.start;
      left.start = add(std::move(split));
      left.ends.insert(left.ends.end(), right.ends.begin(), right.ends.end());
    }
    return left;
  }

  Fragment sequence(int depth) {
    Fragment all = nothing();
    while (!failed_ && !at_end() && peek() != '|' && peek() != ')') {
      Fragment part = repeated(depth);
      if (failed_) break;
      connect(all, part.start);
      all.ends = std::move(part.ends);
    }
    return all;
  }

  Fragment repeated(int depth) {
    Fragment part = atom(depth);
    while (!failed_ && !at_end() && (peek() == '*' || peek() == '+' || peek() == '?')) {
      const char how = peek();
      ++position_;
      State split;
      split.kind = Kind::kSplit;
      split.next = part.start;
      const int at = add(std::move(split));
      if (how == '?') {
        part.start = at;
        part.ends.emplace_back(at, true);
        continue;
      }
      connect(part, at);
      part.ends = {{at, true}};
      if (how == '*') part.start = at;
    }
    return part;
  }

  Fragment atom(int depth) {
    const char c = peek();
    ++position_;
    State state;
    switch (c) {
      case '(': {
        if (take('?') && !take(':')) return fail();
        Fragment inside = alternatives(depth + 1);
        return take(')') ? inside : fail();
      }
      case '[':
        return character_class();
      case '.':
        state.kind = Kind::kAny;
        break;
      case '^':
        state.kind = Kind::kStart;
        break;
      case '$':
        state.kind = Kind::kEnd;
        break;
      case '\\':
        if (at_end() || !escape(pattern_[position_++], state)) return fail();
        break;
      case '*':
      case '+':
      case '?':
      case '{':
        return fail();
      default:
        state.kind = Kind::kCharacter;
        state.character = c;
    }
    const int at = add(std::move(state));
    return {at, {{at, false}}};
  }

  static bool escape(char c, State& state) {
    state.kind = Kind::kClass;
    if (c == 'd') {
      state.ranges = {{'0', '9'}};
    } else if (c == 'w') {
      state.ranges = {{'a', 'z'}, {'A', 'Z'}, {'0', '9'}, {'_', '_'}};
    } else if (c == 's') {
      state.ranges = {{' ', ' '}, {'\t', '\r'}};
    } else if (is_word(c)) {
      return false;
    } else {
      state.ranges = {{c, c}};
    }
    return true;
  }

  Fragment character_class() {
    State state;
    state.kind = Kind::kClass;
    state.negated = take('^');
    while (!at_end() && peek() != ']') {
      char from = pattern_[position_++];
      if (from == '\\') {
        State escaped;
        if (at_end() || !escape(pattern_[position_++], escaped)) return fail();
        state.ranges.insert(state.ranges.end(), escaped.ranges.begin(), escaped.ranges.end());
        continue;
      }
      char to = from;
      if (position_ + 1 < pattern_.size() && peek() == '-' && pattern_[position_ + 1] != ']') {
        to = pattern_[position_ + 1];
        position_ += 2;
      }
      state.ranges.push_back({from, to});
    }
    if (!take(']')) return fail();
    const int at = add(std::move(state));
    return {at, {{at, false}}};
  }

  std::string_view pattern_;
  std::size_t position_ = 0;
  bool failed_ = false;
  Program program_;
};

/// As Thompson does it: all states at once, no backtracking.
class Simulation {
 public:
  Simulation(const std::vector<State>& states, std::string_view text)
      : states_(states), text_(text), seen_(states.size(), -1) {}

  bool run(int start) {
    enter(start, 0);
    for (std::size_t i = 0; !matched_ && i < text_.size() && !next_.empty(); ++i) {
      std::swap(now_, next_);
      next_.clear();
      ++generation_;
      for (const int at : now_) {
        const State& state = states_[static_cast<std::size_t>(at)];
        if (accepts(state, text_[i])) enter(state.next, i + 1);
      }
    }
    return matched_;
  }

 private:
  /// Adds a state, and all that it leads to without reading a character, to the next ones.
  void enter(int start, std::size_t position) {
    waiting_.push_back(start);
    while (!waiting_.empty()) {
      const int at = waiting_.back();
      waiting_.pop_back();
      if (at < 0 || seen_[static_cast<std::size_t>(at)] == generation_) continue;
      seen_[static_cast<std::size_t>(at)] = generation_;
      const State& state = states_[static_cast<std::size_t>(at)];
      if (state.kind == Kind::kMatch) {
        matched_ = true;
      } else if (state.kind == Kind::kSplit) {
        waiting_.push_back(state.next);
        waiting_.push_back(state.other);
      } else if (state.kind == Kind::kStart) {
        if (position == 0) waiting_.push_back(state.next);
      } else if (state.kind == Kind::kEnd) {
        if (position == text_.size()) waiting_.push_back(state.next);
      } else {
        next_.push_back(at);
      }
    }
  }

  static bool accepts(const State& state, char c) {
    if (state.kind == Kind::kAny) return true;
    if (state.kind == Kind::kCharacter) return c == state.character;
    const bool inside =
        std::any_of(state.ranges.begin(), state.ranges.end(),
                    [c](const Range& range) { return c >= range.from && c <= range.to; });
    return inside != state.negated;
  }

  const std::vector<State>& states_;
  std::string_view text_;
  std::vector<int> seen_;  ///< by state: the generation that entered it last
  std::vector<int> now_, next_, waiting_;
  int generation_ = 0;
  bool matched_ = false;
};

/// The longest run of characters that every text the pattern matches has; empty where choices or
/// classes make that hard to tell.
std::string required_run(std::string_view pattern) {
  constexpr std::string_view kNameEnds = "(\\.|$)";  // of names written as patterns
  if (pattern.ends_with(kNameEnds)) pattern.remove_suffix(kNameEnds.size());
  if (pattern.find_first_of("|()[]?+") != std::string_view::npos) return {};
  std::string longest;
  std::string run;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size();
    if (escaped) ++i;
    const bool repeated = i + 1 < pattern.size() && pattern[i + 1] == '*';
    const bool plain = escaped
                           ? !is_word(pattern[i])
                           : std::string_view(".*^$").find(pattern[i]) == std::string_view::npos;
    if (plain && !repeated) {
      run += pattern[i];
      if (run.size() > longest.size()) longest = run;
    } else {
      run.clear();
    }
  }
  return longest;
}

}  // namespace

std::optional<Pattern> Pattern::compile(std::string_view pattern) {
  std::optional<Program> program = Compiler(pattern).compile();
  if (!program) return std::nullopt;
  Pattern compiled;
  compiled.states_ = std::move(program->states);
  compiled.start_ = program->start;
  compiled.required_ = required_run(pattern);
  // An alternative could begin otherwise.
  compiled.starts_anywhere_ =
      pattern.substr(0, 2) == ".*" && pattern.find('|') == std::string_view::npos;
  return compiled;
}

bool Pattern::matches(std::string_view text) const {
  // Lists of hundreds of patterns are tried on every module of every layer.
  if (text.find(required_) == std::string_view::npos) return false;
  return Simulation(states_, text).run(start_);
}

}  // namespace tokencast
