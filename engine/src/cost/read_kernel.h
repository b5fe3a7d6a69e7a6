// Reads a call of a kernel from named fields, as rows of measurements and lines of `tokencast
// kernel` have them. docs/wire-format.md lists the fields of each operation.
#ifndef TOKENCAST_COST_READ_KERNEL_H_
#define TOKENCAST_COST_READ_KERNEL_H_

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cost/kernel.h"

namespace tokencast {

/// Returns the text of a field, empty where it is missing.
using Fields = std::function<std::string_view(std::string_view)>;

/// Returns the call that op ("gemm", "moe", "generation_attention", …) names with its fields.
///
/// Errors: missing_field, out_of_range, both with the field as path.
Result<Kernel> read_kernel(std::string_view op, const Fields& fields);

}  // namespace tokencast

#endif  // TOKENCAST_COST_READ_KERNEL_H_
