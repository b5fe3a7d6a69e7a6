#include "report/read_measurement.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/text.h"

namespace tokencast {
namespace {

constexpr double kMostTokens = 1e7;
constexpr double kMostUsers = 65536;
constexpr double kMostRequests = 1e6;
constexpr double kLargest = 1e12;
constexpr double kMilli = 1e-3;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return copy;
}

/// Returns the number that text is, thousands grouped by commas or not; nothing for anything else.
std::optional<double> number_of(std::string_view text) {
  std::string digits;
  for (const char c : trimmed(text)) {
    if (c != ',') digits += c;
  }
  if (digits.empty() || digits.size() > 30) return std::nullopt;
  if (std::isdigit(static_cast<unsigned char>(digits.front())) == 0) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  if (*end != '\0' || !(value <= kLargest)) return std::nullopt;
  return value;
}

/// Returns the number that text begins with.
std::optional<double> leading_number(std::string_view text) {
  text = trimmed(text);
  const std::size_t end = text.find_first_not_of("0123456789,");
  return number_of(text.substr(0, end));
}

std::int64_t whole(double value, double most) {
  return static_cast<std::int64_t>(std::floor(std::clamp(value, 1.0, most) + 0.5));
}

/// The figures of a benchmark as they come, each by the name that its line has.
struct Summary {
  std::int64_t line = 0;
  std::optional<double> requests, asked_users, mean_users;
  std::optional<double> input_tokens, output_tokens;  ///< means
  std::optional<double> all_input_tokens, all_output_tokens;
  std::array<std::optional<double>, kOwnMetrics> measured;

  bool any() const {
    return std::any_of(measured.begin(), measured.end(),
                       [](const auto& value) { return value.has_value(); });
  }
  std::optional<double>& of(OwnMetric metric) { return measured[static_cast<std::size_t>(metric)]; }
};

/// Sets what a line of a summary says; false: nothing that is used.
bool read_summary_line(std::string_view line, Summary& summary) {
  const std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string name = lower(trimmed(line.substr(0, colon)));
  const std::optional<double> value = number_of(line.substr(colon + 1));
  if (!value || *value <= 0) return false;
  const auto ends = [&name](std::string_view end) {
    return name.size() >= end.size() &&
           std::string_view(name).substr(name.size() - end.size()) == end;
  };
  if (ends("successful requests")) {
    summary.requests = value;
  } else if (ends("maximum request concurrency") || ends("max request concurrency")) {
    summary.asked_users = value;
  } else if (name == "concurrency") {
    summary.mean_users = value;
  } else if (ends("total input tokens")) {
    summary.all_input_tokens = value;
  } else if (ends("total generated tokens")) {
    summary.all_output_tokens = value;
  } else if (ends("mean ttft (ms)")) {
    summary.of(OwnMetric::kTtft) = *value * kMilli;
  } else if (ends("mean tpot (ms)")) {
    summary.of(OwnMetric::kTpot) = *value * kMilli;
  } else if (ends("request throughput (req/s)")) {
    summary.of(OwnMetric::kRequestRate) = value;
  } else if (ends("output token throughput (tok/s)") &&
             !ends("peak output token throughput (tok/s)")) {
    summary.of(OwnMetric::kOutputRate) = value;
  } else if (ends("total token throughput (tok/s)")) {
    summary.of(OwnMetric::kTotalRate) = value;
  } else {
    return false;
  }
  return true;
}

OwnRow row_of(const Summary& summary, const Workload& workload) {
  OwnRow row;
  row.line = summary.line;
  row.measured = summary.measured;
  if (summary.requests) row.requests = whole(*summary.requests, kMostRequests);
  const auto mean = [&](const std::optional<double>& given, const std::optional<double>& all,
                        std::int64_t otherwise) {
    if (given) return whole(*given, kMostTokens);
    return all && summary.requests ? whole(*all / *summary.requests, kMostTokens) : otherwise;
  };
  row.input_tokens = mean(summary.input_tokens, summary.all_input_tokens, workload.input_tokens);
  row.output_tokens =
      mean(summary.output_tokens, summary.all_output_tokens, workload.output_tokens);
  row.users = workload.concurrency;
  const auto& rate = row.measured[static_cast<std::size_t>(OwnMetric::kRequestRate)];
  const auto& ttft = row.measured[static_cast<std::size_t>(OwnMetric::kTtft)];
  const auto& tpot = row.measured[static_cast<std::size_t>(OwnMetric::kTpot)];
  if (summary.asked_users) {
    row.users = whole(*summary.asked_users, kMostUsers);
  } else if (summary.mean_users) {
    row.users = whole(*summary.mean_users, kMostUsers);
  } else if (rate && ttft && tpot) {
    // Little's law: users = rate · latency.
    const double latency = *ttft + *tpot * static_cast<double>(row.output_tokens - 1);
    row.users = whole(*rate * latency, kMostUsers);
  }
  if (row.requests > 0) row.users = std::min(row.users, row.requests);
  return row;
}

/// Returns the tokens that a line says a KV cache holds: vLLM's "GPU KV cache size: 1,234 tokens"
/// and its older "# GPU blocks: 123", of 16 tokens, SGLang's "max_total_num_tokens=1234".
std::optional<std::int64_t> kv_capacity_of(std::string_view line) {
  struct Log {
    std::string_view before;
    double tokens;  ///< of what is counted
  };
  static constexpr std::array<Log, 3> kLogs = {
      {{"GPU KV cache size:", 1}, {"# GPU blocks:", 16}, {"max_total_num_tokens=", 1}}};
  for (const Log& log : kLogs) {
    const std::size_t found = line.find(log.before);
    if (found == std::string_view::npos) continue;
    const auto value = leading_number(line.substr(found + log.before.size()));
    if (value && *value >= 1) return static_cast<std::int64_t>(*value * log.tokens);
  }
  return std::nullopt;
}

/// A column of a CSV: a workload's, a metric's in SI units or in milliseconds.
struct Column {
  std::string_view name;
  enum class Kind { kInput, kOutput, kUsers, kRequests, kMetric } kind;
  OwnMetric metric = OwnMetric::kTtft;
  double unit = 1;
};
using Kind = Column::Kind;
constexpr std::array<Column, 11> kColumns = {
    {{"input_tokens", Kind::kInput},
     {"output_tokens", Kind::kOutput},
     {"concurrency", Kind::kUsers},
     {"requests", Kind::kRequests},
     {"ttft_s", Kind::kMetric, OwnMetric::kTtft},
     {"ttft_ms", Kind::kMetric, OwnMetric::kTtft, kMilli},
     {"tpot_s", Kind::kMetric, OwnMetric::kTpot},
     {"tpot_ms", Kind::kMetric, OwnMetric::kTpot, kMilli},
     {"output_tokens_per_s", Kind::kMetric, OwnMetric::kOutputRate},
     {"total_tokens_per_s", Kind::kMetric, OwnMetric::kTotalRate},
     {"requests_per_s", Kind::kMetric, OwnMetric::kRequestRate}}};

std::vector<std::string_view> cells_of(std::string_view line, char separator) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t end = line.find(separator);
    cells.push_back(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) return cells;
    line.remove_prefix(end + 1);
  }
}

char separator_of(std::string_view header) {
  for (const char separator : {'\t', ';'}) {
    if (header.find(separator) != std::string_view::npos) return separator;
  }
  return ',';
}

Error bad(std::int64_t line, const std::string& what, const std::string& hint, Params params) {
  params.emplace_back("line", std::to_string(line));
  return Error{"bad_measurement", "/measurement", "Line " + std::to_string(line) + ": " + what,
               hint, std::move(params)};
}

class Reader {
 public:
  Reader(std::string_view text, const Workload& workload) : text_(text), workload_(workload) {}

  Result<OwnMeasurement> read() {
    for (std::size_t start = 0; start <= text_.size() && !error_;) {
      const std::size_t end = std::min(text_.find('\n', start), text_.size());
      ++line_;
      read_line(trimmed(text_.substr(start, end - start)));
      start = end + 1;
    }
    end_summary();
    if (error_) return *error_;
    if (found_.rows.empty() && !found_.kv_capacity_tokens) {
      return Error{"measurement_not_understood",
                   "/measurement",
                   "No benchmark summary, table or KV cache size is found in the text",
                   "paste what `vllm bench serve` prints, or a CSV whose first line names its "
                   "columns: input_tokens,output_tokens,concurrency,ttft_ms,tpot_ms",
                   {}};
    }
    return found_;
  }

 private:
  void read_line(std::string_view line) {
    if (const auto tokens = kv_capacity_of(line)) {
      found_.kv_capacity_tokens = tokens;
    } else if (line.find("Benchmark Result") != std::string_view::npos) {
      columns_.clear();
      end_summary();
    } else if (starts_table(line)) {
      end_summary();
    } else if (!columns_.empty() && !line.empty() && line.find(separator_) != line.npos) {
      read_cells(line);
    } else if (read_summary_line(line, summary_) && summary_.line == 0) {
      summary_.line = line_;
    }
  }

  bool starts_table(std::string_view line) {
    const char separator = separator_of(line);
    const std::vector<std::string_view> names = cells_of(line, separator);
    if (names.size() < 2) return false;
    std::vector<Column> columns;
    std::string unknown;
    for (const std::string_view name : names) {
      const std::string wanted = lower(name);
      const auto found = std::find_if(kColumns.begin(), kColumns.end(),
                                      [&wanted](const Column& c) { return c.name == wanted; });
      if (found != kColumns.end()) {
        columns.push_back(*found);
      } else if (unknown.empty()) {
        unknown = std::string(name);
      }
    }
    if (columns.empty()) return false;
    if (!unknown.empty()) {
      std::vector<std::string> known;
      known.reserve(kColumns.size());
      for (const Column& column : kColumns) known.emplace_back(column.name);
      error_ = bad(line_, in_quotes(unknown) + " is not a known column", "known: " + joined(known),
                   {{"reason", "column"}, {"column", unknown}, {"known", joined(known)}});
    }
    columns_ = columns;
    separator_ = separator;
    return true;
  }

  void read_cells(std::string_view line) {
    const std::vector<std::string_view> cells = cells_of(line, separator_);
    if (cells.size() != columns_.size()) {
      error_ = bad(line_,
                   std::to_string(cells.size()) + " cells under " +
                       std::to_string(columns_.size()) + " columns",
                   "give each column a cell, an empty one for what is not known",
                   {{"reason", "cells"},
                    {"cells", std::to_string(cells.size())},
                    {"columns", std::to_string(columns_.size())}});
      return;
    }
    Summary row;
    row.line = line_;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      const Column& column = columns_[i];
      const std::optional<double> value = number_of(cells[i]);
      if (!value || *value <= 0) {
        error_ = bad(line_,
                     std::string(column.name) + " is " + in_quotes(cells[i]) +
                         ", not a number above 0, and 1e12 at most",
                     "correct it, or leave the cell empty",
                     {{"reason", "number"},
                      {"column", std::string(column.name)},
                      {"found", std::string(cells[i])}});
        return;
      }
      switch (column.kind) {
        case Kind::kInput:
          row.input_tokens = value;
          break;
        case Kind::kOutput:
          row.output_tokens = value;
          break;
        case Kind::kUsers:
          row.asked_users = value;
          break;
        case Kind::kRequests:
          row.requests = value;
          break;
        case Kind::kMetric:
          row.of(column.metric) = *value * column.unit;
          break;
      }
    }
    if (row.any()) found_.rows.push_back(row_of(row, workload_));
  }

  void end_summary() {
    if (summary_.any()) found_.rows.push_back(row_of(summary_, workload_));
    summary_ = {};
  }

  std::string_view text_;
  const Workload& workload_;
  std::int64_t line_ = 0;
  std::vector<Column> columns_;
  char separator_ = ',';
  Summary summary_;
  OwnMeasurement found_;
  std::optional<Error> error_;
};

}  // namespace

Result<OwnMeasurement> read_measurement(std::string_view text, const Workload& workload) {
  return Reader(text, workload).read();
}

}  // namespace tokencast
