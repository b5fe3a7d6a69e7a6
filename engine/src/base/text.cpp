#include "base/text.h"

#include <algorithm>
#include <cstdio>

namespace tokencast {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string number_text(double value) {
  char buffer[32];
  const int length = std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return {buffer, static_cast<std::size_t>(std::max(length, 0))};
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kShown = 40;
  const bool cut = text.size() > kShown;
  if (cut) {
    std::size_t end = kShown;
    // UTF-8 continuation bytes are 10xxxxxx: step back to the start of the character.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  std::string result = "\"";
  result += text;
  result += cut ? "…\"" : "\"";
  return result;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
  return all;
}

std::string joined(const std::vector<std::int64_t>& parts) {
  std::vector<std::string> texts;
  texts.reserve(parts.size());
  for (const std::int64_t part : parts) texts.push_back(std::to_string(part));
  return joined(texts);
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  return nearest_within(word, candidates, word.size() / 3);
}

std::string nearest_within(std::string_view word, const std::vector<std::string>& candidates,
                           std::size_t most) {
  constexpr std::size_t kLongestWord =
      64;  // keys and ids are short; anything longer is not a typing error
  if (word.size() > kLongestWord) return {};
  std::string best;
  std::size_t best_distance = most + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + most || word.size() > candidate.size() + most) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace tokencast
