#include "hardware/read_accelerator.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace tokencast {
namespace {

// Widest plausible figures: from a phone's part to ten times the largest accelerator announced.
// They catch a unit written wrong (GB for bytes, TFLOPS for FLOP/s).
constexpr Range kMemory = {1e8, 1e13};
constexpr Range kBandwidth = {1e9, 1e14};
constexpr Range kPeak = {1e10, 1e18};
constexpr Range kLinkBandwidth = {1e8, 1e13};
constexpr Range kDomain = {1, 100000};

/// What a note calls the figure of a field.
std::string figure_name(const std::string& key) {
  if (dtype_named(key)) return key + " peak";
  if (key == "usable_memory_bytes") return "usable memory";
  if (key == "memory_bytes") return "memory";
  if (key == "memory_bandwidth_bytes_per_s") return "memory bandwidth";
  return key == "bandwidth_bytes_per_s" ? "link bandwidth" : key;
}

/// Reads a figure: a number, or an object with the number in "value".
double read_figure(ObjectReader& object, const std::string& key, Range range, double fallback,
                   Accelerator& accelerator) {
  const Json* member = object.find(key);
  if (member == nullptr || !member->is_object()) return object.number_or(key, range, fallback);
  ObjectReader figure = object.object(key);
  figure.refuse_unknown_keys({"value", "confidence", "source", "note"});
  const std::string confidence = figure.string_or("confidence", "datasheet");
  if (confidence == "unconfirmed") {
    accelerator.unconfirmed.push_back(figure_name(key));
  } else if (confidence != "datasheet" && confidence != "secondary") {
    figure.fail({"out_of_range",
                 figure.path_of("confidence"),
                 "confidence is " + in_quotes(confidence),
                 "known: datasheet, secondary, unconfirmed",
                 {{"field", "confidence"},
                  {"found", confidence},
                  {"known", "datasheet, secondary, unconfirmed"}}});
  }
  return figure.number("value", range);
}

double require_figure(ObjectReader& object, const std::string& key, Range range,
                      Accelerator& accelerator) {
  if (!object.has(key)) return object.number(key, range);  // reports missing_field
  return read_figure(object, key, range, range.minimum, accelerator);
}

void read_peaks(ObjectReader& object, Accelerator& accelerator) {
  if (!object.has("peak_flops_per_s")) {
    object.fail({"missing_field",
                 object.path_of("peak_flops_per_s"),
                 "peak_flops_per_s is missing",
                 "add {\"bf16\": …} with the dense peak in FLOP/s",
                 {{"field", "peak_flops_per_s"}}});
    return;
  }
  ObjectReader peaks = object.object("peak_flops_per_s");
  std::vector<std::string> known = dtype_names();
  // Rates with fp16 accumulation are stated for the record; engines accumulate in fp32.
  known.insert(known.end(), {"fp16_accumulate_fp16", "fp8_accumulate_fp16"});
  peaks.refuse_unknown_keys(known);
  for (std::size_t dtype = 0; dtype < dtype_names().size(); ++dtype) {
    accelerator.peak_flops_per_s[dtype] =
        read_figure(peaks, dtype_names()[dtype], kPeak, 0, accelerator);
  }
  const bool computes = accelerator.peak(DType::kBf16) > 0 || accelerator.peak(DType::kFp16) > 0 ||
                        accelerator.peak(DType::kFp32) > 0;
  if (!computes) {
    peaks.fail({"missing_field",
                object.path_of("peak_flops_per_s"),
                "peak_flops_per_s has none of bf16, fp16 and fp32",
                "add at least one of them",
                {{"field", "peak_flops_per_s"}}});
  }
}

std::optional<Topology> topology_named(const std::string& name) {
  if (name == "switch") return Topology::kSwitch;
  if (name == "mesh") return Topology::kMesh;
  if (name == "pcie") return Topology::kPcie;
  if (name == "host") return Topology::kHost;
  return std::nullopt;
}

void read_link(ObjectReader& object, Accelerator& accelerator) {
  if (!object.has("link")) return;
  ObjectReader reader = object.object("link");
  reader.refuse_unknown_keys({"type", "topology", "bandwidth_bytes_per_s", "domain_size", "note"});
  Link link;
  link.type = reader.string_or("type", "link");
  const std::string topology = reader.string_or("topology", "switch");
  const std::optional<Topology> known = topology_named(topology);
  if (known) {
    link.topology = *known;
  } else {
    reader.fail(
        {"out_of_range",
         reader.path_of("topology"),
         "topology is " + in_quotes(topology),
         "known: switch, mesh, pcie, host",
         {{"field", "topology"}, {"found", topology}, {"known", "switch, mesh, pcie, host"}}});
  }
  link.bandwidth_bytes_per_s =
      require_figure(reader, "bandwidth_bytes_per_s", kLinkBandwidth, accelerator);
  link.domain_size = reader.integer("domain_size", kDomain);
  accelerator.link = link;
}

}  // namespace

Result<Accelerator> read_accelerator(const Json& json, const std::string& path) {
  std::optional<Error> error;
  ObjectReader object(json, path, error);
  object.refuse_unknown_keys({"id", "vendor", "name", "aliases", "architecture", "year",
                              "memory_bytes", "usable_memory_bytes", "memory_bandwidth_bytes_per_s",
                              "peak_flops_per_s", "link", "pcie", "cache_bytes", "compute_units",
                              "tdp_w", "sources", "note"});
  Accelerator accelerator;
  accelerator.id = object.string_or("id", "");
  accelerator.vendor = object.string_or("vendor", "");
  accelerator.name = object.string("name");
  accelerator.memory_bytes = require_figure(object, "memory_bytes", kMemory, accelerator);
  accelerator.usable_memory_bytes =
      read_figure(object, "usable_memory_bytes", kMemory, accelerator.memory_bytes, accelerator);
  accelerator.memory_bandwidth_bytes_per_s =
      require_figure(object, "memory_bandwidth_bytes_per_s", kBandwidth, accelerator);
  read_peaks(object, accelerator);
  read_link(object, accelerator);
  if (!error && accelerator.usable_memory_bytes > accelerator.memory_bytes) {
    object.fail({"out_of_range",
                 object.path_of("usable_memory_bytes"),
                 "usable_memory_bytes is above memory_bytes",
                 "usable memory is what the driver leaves",
                 {{"field", "usable_memory_bytes"}}});
  }
  if (error) return *error;

  if (!accelerator.unconfirmed.empty()) {
    const std::string figures = joined(accelerator.unconfirmed);
    accelerator.notes.push_back({"unconfirmed_figures",
                                 "Unconfirmed figures of " + accelerator.name + ": " + figures,
                                 {{"accelerator", accelerator.name}, {"figures", figures}}});
  }
  if (!object.has("usable_memory_bytes")) {
    accelerator.notes.push_back({"usable_memory_unknown",
                                 "What the driver leaves of the memory of " + accelerator.name +
                                     " is not known: all of it is taken as usable",
                                 {{"accelerator", accelerator.name}}});
  }
  return accelerator;
}

}  // namespace tokencast
