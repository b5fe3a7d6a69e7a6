// Measured calls of kernels, read from a folder of tables, without those that cannot be true.
#ifndef TOKENCAST_CALIBRATE_KERNELS_H_
#define TOKENCAST_CALIBRATE_KERNELS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "accuracy/kernel_rows.h"
#include "fit.h"
#include "hardware/accelerator.h"

namespace tokencast::calibrate {

struct MeasuredKernels {
  /// By class, and by which of the engine's kernels ran.
  std::map<std::pair<std::string, std::string>, std::vector<Sample>> by_kernel;
  std::size_t rows = 0;
  std::size_t unreadable = 0;
  std::size_t beyond_physics = 0;  ///< faster than the accelerator's peaks allow
};

/// Throws std::runtime_error when the table cannot be read.
MeasuredKernels read_kernels(const accuracy::KernelFile& file, const Accelerator& accelerator);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_KERNELS_H_
