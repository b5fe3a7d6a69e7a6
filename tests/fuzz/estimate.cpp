// Fuzzes estimate with a pasted config on a fixed deployment: no answer that is not finite, no
// fault.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "tokencast/tokencast.h"

namespace {

/// The request around a config: a card with a link, several sequences, a quantized cache.
std::string request_of(std::string config) {
  nlohmann::json request = nlohmann::json::parse(R"({
    "schema": 1,
    "accelerator": {"custom": {"name": "Card", "memory_bytes": 8e10,
      "memory_bandwidth_bytes_per_s": 2e12,
      "peak_flops_per_s": {"fp16": 3e14, "bf16": 3e14, "fp8": 6e14},
      "link": {"type": "link", "topology": "switch", "bandwidth_bytes_per_s": 3e11,
               "domain_size": 8}}},
    "deployment": {"gpus": 1, "weights": "auto"},
    "workload": {"input_tokens": 700, "output_tokens": 30, "concurrency": 3}})");
  request["model"]["config"] = std::move(config);
  return request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string response = tokencast::estimate(request_of(text), {}, {});
  const nlohmann::json answer = nlohmann::json::parse(response);
  if (answer.at("ok") == true) {
    if (answer.at("result").at("ttft_s").at("value") <= 0) std::abort();
  } else if (answer.at("error").at("code") == "internal") {
    std::abort();
  }
  return 0;
}
