#include "write_index.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "profile_groups.h"

namespace tokencast::calibrate {

std::string index_text(const std::vector<MeasuredAccelerator>& measured,
                       const FittedProfiles& fitted_profiles) {
  const std::vector<FittedGroup>& groups = fitted_profiles.groups;
  using Json = nlohmann::ordered_json;
  const auto digits = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", value);
    return std::strtod(text, nullptr);
  };
  const auto micro = [&digits](double seconds) { return digits(seconds * 1e6); };
  std::string text = "{\n \"schema\": 1,\n \"measured\": [";
  const char* separator = "\n";
  for (const MeasuredAccelerator& m : measured) {
    const Json line = {{"accelerator", m.id},
                       {"architecture", m.architecture},
                       {"memory_bandwidth_bytes_per_s", m.memory_bandwidth_bytes_per_s}};
    text += separator + ("  " + line.dump());
    separator = ",\n";
  }
  std::vector<double> widths;
  for (const auto& phases : fitted_profiles.widths) {
    widths.insert(widths.end(), phases.begin(), phases.end());
  }
  text += "\n ],\n \"widths\": " + Json(widths).dump() + ",\n \"profiles\": [";
  separator = "\n";
  const auto add = [&](const FittedGroup& fitted, const std::string& engine) {
    const EngineProfile& p = fitted.profile;
    Json line;
    line["engine"] = engine;
    if (!fitted.group.from.empty()) line["from"] = fitted.group.from;
    if (!fitted.group.vendor.empty()) line["vendor"] = fitted.group.vendor;
    if (!fitted.group.accelerator_class.empty()) line["class"] = fitted.group.accelerator_class;
    if (fitted.versions) {
      line["oldest"] = version_of(fitted.versions->oldest);
      line["newest"] = version_of(fitted.versions->newest);
    }
    line["kernels"] = p.kernels;
    line["rows"] = fitted.rows;
    line["cells"] = fitted.cells;
    line["error"] = {digits(fitted.median_error), digits(fitted.p90_error)};
    if (p.dense_experts) line["dense_experts"] = true;
    line["request_us"] = micro(p.request_s);
    line["step_us"] = micro(p.step_s);
    line["sequence_us"] = micro(p.sequence_s);
    line["prefill_sequence_us"] = micro(p.prefill_sequence_s);
    line["layer_us"] = micro(p.layer_s);
    line["routed_layer_us"] = micro(p.routed_layer_s);
    line["shared_layer_us"] = micro(p.shared_layer_s);
    line["decode_launch_us"] = micro(p.decode_launch_s);
    line["prefill_launch_us"] = micro(p.prefill_launch_s);
    line["graph"] = digits(p.graph);
    line["decode"] = std::max(digits(p.decode), 1.0);
    line["prefill"] = std::max(digits(p.prefill), 1.0);
    line["experts"] = digits(p.experts);
    line["decode_experts"] = digits(p.decode_experts);
    line["known"] = name_of(p.known);
    line["decode_band"] = {p.decode_band.low, p.decode_band.high};
    line["prefill_band"] = {p.prefill_band.low, p.prefill_band.high};
    text += separator + ("  " + line.dump());
    separator = ",\n";
  };
  // Where no engine is named, the newest vLLM stands for all.
  for (const FittedGroup& fitted : groups) {
    if (fitted.group.engine != "vllm") continue;
    FittedGroup generic = fitted;
    if (generic.group.vendor.empty() && generic.group.from != profile_groups().front().from)
      continue;
    generic.group.from = "";
    generic.versions.reset();
    if (!generic.group.vendor.empty() && fitted.group.from != "0.6") continue;
    add(generic, "generic");
  }
  for (const FittedGroup& fitted : groups) add(fitted, fitted.group.engine);
  return text + "\n ]\n}\n";
}

}  // namespace tokencast::calibrate
