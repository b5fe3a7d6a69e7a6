// Tables of comma-separated values, plain or compressed with gzip.
#ifndef TOKENCAST_ACCURACY_CSV_H_
#define TOKENCAST_ACCURACY_CSV_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokencast::accuracy {

struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;

  /// Returns the column's index, or -1.
  int column(std::string_view name) const;
  /// Returns the field of a row, empty where the column or the field is missing.
  std::string_view field(const std::vector<std::string>& row, std::string_view name) const;
};

/// Reads text in the form of RFC 4180: quotes around fields with commas, quotes or line breaks.
CsvTable parse_csv(std::string_view text);

/// Reads a file, unpacking it if it is compressed. Errors: unreadable_file.
Result<CsvTable> read_csv(const std::string& path);

/// Returns text as a field: in quotes where it needs them.
std::string csv_field(std::string_view text);

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_CSV_H_
