// Small text helpers for messages: numbers as people write them, quoting, spelling.
#ifndef TOKENCAST_BASE_TEXT_H_
#define TOKENCAST_BASE_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokencast {

/// Returns value with at most six significant digits: "148", "0.5", "1e+20".
std::string number_text(double value);

/// Returns text in double quotes, cut after 40 bytes at a character boundary.
std::string in_quotes(std::string_view text);

/// Returns "a, b, c".
std::string joined(const std::vector<std::string>& parts);
std::string joined(const std::vector<std::int64_t>& parts);

/// Returns the candidate nearest to word by edit distance; empty when none is within a third of its
/// length.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
/// The same, within most insertions, deletions and substitutions.
std::string nearest_within(std::string_view word, const std::vector<std::string>& candidates,
                           std::size_t most);

}  // namespace tokencast

#endif  // TOKENCAST_BASE_TEXT_H_
