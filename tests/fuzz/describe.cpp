// Fuzzes describe: whatever the text, an answer of finite numbers or an error that says what to do.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tokencast/tokencast.h"

namespace {

/// The number behind a key of the response, whose texts hold no quotes that are not escaped.
double number(const std::string& response, std::string_view key) {
  const std::size_t at = response.find(key);
  if (at == std::string::npos) std::abort();
  return std::strtod(response.c_str() + at + key.size(), nullptr);
}

bool holds(const std::string& response, std::string_view text) {
  return response.find(text) != std::string::npos;
}

/// describe catches what it should never meet and calls it internal: numbers that are not finite,
/// exceptions.
void check(const std::string& response) {
  if (response.rfind(R"({"ok":true)", 0) == 0) {
    const double total = number(response, R"("total_parameters":)");
    const double active = number(response, R"("active_parameters":)");
    const double kv = number(response, R"("kv_bytes_per_token":)");
    const double growing = number(response, R"("kv_bytes_per_token_growing":)");
    if (!(total >= 1) || !(active <= total) || !(growing <= kv)) std::abort();
    return;
  }
  if (holds(response, R"("code":"internal")") || holds(response, R"("message":"",)") ||
      holds(response, R"("hint":"",)")) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(tokencast::describe(std::string_view(reinterpret_cast<const char*>(data), size)));
  return 0;
}
