// Number formats of weights, KV cache and arithmetic.
#ifndef TOKENCAST_BASE_DTYPE_H_
#define TOKENCAST_BASE_DTYPE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tokencast {

enum class DType { kFp32, kTf32, kFp16, kBf16, kFp8, kInt8, kFp4, kInt4 };

/// Returns the name on the wire: "bf16".
std::string_view name_of(DType dtype);

/// Returns the dtype named on the wire, or nothing.
std::optional<DType> dtype_named(std::string_view name);

/// Bits one element takes in memory, scales aside.
double bits_of(DType dtype);

/// Every name on the wire, in the order of the enum.
const std::vector<std::string>& dtype_names();

}  // namespace tokencast

#endif  // TOKENCAST_BASE_DTYPE_H_
