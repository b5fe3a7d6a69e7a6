// Measured calls of kernels, read from a folder of tables
// <accelerator>/<op>.<engine>-<version>.csv.
#ifndef TOKENCAST_ACCURACY_KERNEL_ROWS_H_
#define TOKENCAST_ACCURACY_KERNEL_ROWS_H_

#include <optional>
#include <string>
#include <vector>

#include "accuracy/csv.h"
#include "base/result.h"
#include "cost/kernel.h"

namespace tokencast::accuracy {

struct KernelFile {
  std::string path;
  std::string accelerator;
  std::string op;
  std::string engine;
  std::string version;
};

/// Returns the tables below a folder, sorted by path. Errors: unreadable_file.
Result<std::vector<KernelFile>> kernel_files(const std::string& folder);

struct KernelRow {
  std::optional<Kernel> kernel;
  std::string reason;  ///< why it was not understood; empty where it was
  std::string source;  ///< which of the engine's kernels ran
  std::string dtype;   ///< as the table has it
  std::string shape;   ///< "m=16 n=4096 k=4096": the other fields
  double measured_s = 0;
};

/// Returns a table's rows. with_shapes: shape is filled in. Errors: unreadable_file.
Result<std::vector<KernelRow>> read_kernel_rows(const KernelFile& file, bool with_shapes);

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_KERNEL_ROWS_H_
