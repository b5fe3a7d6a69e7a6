#include "base/dtype.h"

#include <algorithm>
#include <array>

namespace tokencast {
namespace {

constexpr std::array<double, 8> kBits = {32, 32, 16, 16, 8, 8, 4, 4};  // tf32 is stored as fp32

}  // namespace

const std::vector<std::string>& dtype_names() {
  static const std::vector<std::string> names = {"fp32", "tf32", "fp16", "bf16",
                                                 "fp8",  "int8", "fp4",  "int4"};
  return names;
}

std::string_view name_of(DType dtype) { return dtype_names()[static_cast<std::size_t>(dtype)]; }

std::optional<DType> dtype_named(std::string_view name) {
  const auto& names = dtype_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<DType>(found - names.begin());
}

double bits_of(DType dtype) { return kBits[static_cast<std::size_t>(dtype)]; }

}  // namespace tokencast
