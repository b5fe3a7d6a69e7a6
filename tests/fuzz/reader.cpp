// Fuzzes the tolerant reader: whatever the bytes, an answer or an error, and what was read is JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/relaxed_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const tokencast::Result<tokencast::Pasted> read = tokencast::read_pasted(text);
  if (!read.ok()) {
    if (read.error().message.empty() || read.error().hint.empty()) std::abort();
    return 0;
  }
  if (read.value().objects.empty()) std::abort();
  for (const tokencast::PastedObject& object : read.value().objects) {
    // Writes it as JSON and reads that strictly: the same value, unless a number is not finite.
    const std::string written =
        object.value.dump(-1, ' ', false, tokencast::Json::error_handler_t::replace);
    if (!tokencast::parse_json(written).ok()) std::abort();
  }
  return 0;
}
