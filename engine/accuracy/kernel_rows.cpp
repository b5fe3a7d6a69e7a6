#include "accuracy/kernel_rows.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "cost/read_kernel.h"

namespace tokencast::accuracy {
namespace {

constexpr double kMicro = 1e-6;

bool is_dtype(const std::string& column) {
  return column.find("dtype") != std::string::npos || column == "gemm_type";
}

/// Fields that are neither of the shape nor of the format.
bool is_aside(const std::string& column) {
  return column == "latency_us" || column == "kernel_source" || column.starts_with("model");
}

std::string joined_fields(const CsvTable& table, const std::vector<std::string>& row, bool dtypes) {
  std::string text;
  for (std::size_t i = 0; i < table.header.size() && i < row.size(); ++i) {
    const std::string& column = table.header[i];
    if (is_aside(column) || is_dtype(column) != dtypes || row[i].empty()) continue;
    if (!text.empty()) text += ' ';
    if (!dtypes) text.append(column).append("=");
    text += row[i];
  }
  return text;
}

}  // namespace

Result<std::vector<KernelFile>> kernel_files(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<KernelFile> files;
  std::error_code failure;
  for (fs::recursive_directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    const std::string name = at->path().filename().string();
    const std::size_t last = name.find(".csv");
    const std::size_t dot = name.find('.');
    if (last == std::string::npos || dot >= last) continue;
    const std::size_t dash = name.find('-', dot);
    if (dash == std::string::npos || dash > last) continue;
    files.push_back({at->path().string(), at->path().parent_path().filename().string(),
                     name.substr(0, dot), name.substr(dot + 1, dash - dot - 1),
                     name.substr(dash + 1, last - dash - 1)});
  }
  if (failure) {
    return Error{"unreadable_file", folder, "Cannot read " + folder, "give a folder of tables", {}};
  }
  std::sort(files.begin(), files.end(),
            [](const KernelFile& a, const KernelFile& b) { return a.path < b.path; });
  return files;
}

Result<std::vector<KernelRow>> read_kernel_rows(const KernelFile& file, bool with_shapes) {
  const Result<CsvTable> table = read_csv(file.path);
  if (!table.ok()) return table.error();
  std::vector<KernelRow> rows;
  rows.reserve(table.value().rows.size());
  for (const std::vector<std::string>& fields_of_row : table.value().rows) {
    const Fields fields = [&](std::string_view name) {
      return table.value().field(fields_of_row, name);
    };
    KernelRow row;
    row.measured_s = std::strtod(std::string(fields("latency_us")).c_str(), nullptr) * kMicro;
    row.source = fields("kernel_source");
    if (with_shapes) {
      row.dtype = joined_fields(table.value(), fields_of_row, true);
      row.shape = joined_fields(table.value(), fields_of_row, false);
    }
    const Result<Kernel> kernel = read_kernel(file.op, fields);
    if (!(row.measured_s > 0)) {
      row.reason = "no latency";
    } else if (kernel.ok()) {
      row.kernel = kernel.value();
    } else {
      row.reason = kernel.error().message;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tokencast::accuracy
