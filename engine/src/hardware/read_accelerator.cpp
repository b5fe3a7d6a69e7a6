#include "hardware/read_accelerator.h"

#include <algorithm>
#include <optional>
#include <string_view>

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
constexpr Range kCache = {1e3, 1e12};
constexpr Range kUnits = {1, 1e7};
constexpr Range kPower = {1, 1e5};
constexpr Range kYear = {2000, 2100};
constexpr Range kDies = {2, 64};
constexpr Range kPcieGeneration = {1, 10};
constexpr Range kRental = {1e-4, 1e4};  // an hour of one accelerator, in any currency
constexpr Range kPurchase = {1, 1e8};

/// What a note calls the figure of a field.
std::string figure_name(const std::string& key) {
  if (dtype_named(key)) return key + " peak";
  if (key == "usable_memory_bytes") return "usable memory";
  if (key == "memory_bytes") return "memory";
  if (key == "memory_bandwidth_bytes_per_s") return "memory bandwidth";
  return key == "bandwidth_bytes_per_s" ? "link bandwidth" : key;
}

/// Reads a figure: a number, or an object with the number in "value". Adds its name to unconfirmed
/// where it is; figures that no estimate uses pass nullptr, so that no answer warns of them.
double read_figure(ObjectReader& object, const std::string& key, Range range, double fallback,
                   std::vector<std::string>* unconfirmed) {
  const Json* member = object.find(key);
  if (member == nullptr || !member->is_object()) return object.number_or(key, range, fallback);
  ObjectReader figure = object.object(key);
  figure.refuse_unknown_keys({"value", "confidence", "source", "note"});
  const std::string confidence =
      figure.one_of_or("confidence", {"datasheet", "secondary", "unconfirmed"}, "datasheet");
  if (confidence == "unconfirmed" && unconfirmed != nullptr) {
    unconfirmed->push_back(figure_name(key));
  }
  return figure.number("value", range);
}

double require_figure(ObjectReader& object, const std::string& key, Range range,
                      std::vector<std::string>* unconfirmed) {
  if (!object.has(key)) return object.number(key, range);  // reports missing_field
  return read_figure(object, key, range, range.minimum, unconfirmed);
}

/// Reads a figure that is kept for the record.
std::optional<double> find_figure(ObjectReader& object, const std::string& key, Range range) {
  if (!object.has(key)) return std::nullopt;
  return read_figure(object, key, range, range.minimum, nullptr);
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
        read_figure(peaks, dtype_names()[dtype], kPeak, 0, &accelerator.unconfirmed);
  }
  for (const char* key : {"fp16_accumulate_fp16", "fp8_accumulate_fp16"}) {
    find_figure(peaks, key, kPeak);
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

/// Returns where name stands in names, which name the members of an enum in its order.
template <class Enum>
Enum member_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<Enum>(std::find(names.begin(), names.end(), name) - names.begin());
}

const std::vector<std::string>& class_names() {
  static const std::vector<std::string> names = {"datacentre", "workstation", "consumer",
                                                 "soc",        "edge",        "cpu"};
  return names;
}

void read_class(ObjectReader& object, Accelerator& accelerator) {
  if (!object.has("class")) return;
  accelerator.accelerator_class =
      member_of<AcceleratorClass>(class_names(), object.one_of("class", class_names()));
}

void read_link(ObjectReader& object, Accelerator& accelerator) {
  static const std::vector<std::string> topologies = {"switch", "mesh", "pcie", "host"};
  if (!object.has("link")) return;
  ObjectReader reader = object.object("link");
  reader.refuse_unknown_keys({"type", "topology", "bandwidth_bytes_per_s", "domain_size", "note"});
  Link link;
  link.type = reader.string_or("type", "link");
  link.topology =
      member_of<Topology>(topologies, reader.one_of_or("topology", topologies, "switch"));
  link.bandwidth_bytes_per_s =
      require_figure(reader, "bandwidth_bytes_per_s", kLinkBandwidth, &accelerator.unconfirmed);
  link.domain_size = reader.integer("domain_size", kDomain);
  accelerator.link = link;
}

void read_host_and_network(ObjectReader& object, Accelerator& accelerator) {
  if (object.has("nic")) {
    ObjectReader nic = object.object("nic");
    nic.refuse_unknown_keys({"bandwidth_bytes_per_s", "note"});
    accelerator.nic_bandwidth_bytes_per_s =
        require_figure(nic, "bandwidth_bytes_per_s", kLinkBandwidth, nullptr);
  }
  if (object.has("host_link")) {
    ObjectReader link = object.object("host_link");
    link.refuse_unknown_keys({"type", "bandwidth_bytes_per_s", "note"});
    link.string_or("type", "");
    accelerator.host_link_bytes_per_s =
        require_figure(link, "bandwidth_bytes_per_s", kLinkBandwidth, nullptr);
  }
  if (object.has("pcie")) {
    ObjectReader pcie = object.object("pcie");
    pcie.refuse_unknown_keys({"generation", "bandwidth_bytes_per_s", "note"});
    const std::int64_t generation = pcie.integer("generation", kPcieGeneration);
    accelerator.pcie =
        Pcie{generation, require_figure(pcie, "bandwidth_bytes_per_s", kLinkBandwidth, nullptr)};
  }
}

/// Whether text is a year, a month or a day: "2026", "2026-05", "2026-05-20".
bool is_date(std::string_view text) {
  constexpr std::string_view kDay = "dddd-dd-dd";
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kDay[i] == 'd' ? !digit : text[i] != '-') return false;
  }
  return true;
}

/// sources: what the key of a price's source stands for.
Price read_price(ObjectReader& reader, const Json* sources) {
  reader.refuse_unknown_keys({"kind", "currency", "value", "date", "source", "note"});
  Price price;
  const bool rental = reader.one_of("kind", {"rental", "purchase"}) == "rental";
  price.kind = rental ? PriceKind::kRental : PriceKind::kPurchase;
  price.currency = reader.one_of("currency", currencies());
  price.value = reader.number("value", rental ? kRental : kPurchase);
  price.date = reader.string("date");
  if (!reader.failed() && !is_date(price.date)) {
    reader.fail(
        {"out_of_range",
         reader.path_of("date"),
         "date is " + in_quotes(price.date),
         "write it as 2026, 2026-05 or 2026-05-20",
         {{"field", "date"}, {"found", price.date}, {"known", "2026, 2026-05, 2026-05-20"}}});
  }
  price.source = reader.string("source");
  if (sources != nullptr && sources->is_object()) {
    const auto text = sources->find(price.source);
    if (text != sources->end() && text->is_string()) price.source = text->get<std::string>();
  }
  return price;
}

void read_prices(ObjectReader& object, std::optional<Error>& error, Accelerator& accelerator) {
  const Json* prices = object.find("prices");
  if (prices == nullptr) return;
  const std::string path = object.path_of("prices");
  if (!prices->is_array()) {
    object.fail(wrong_type("prices", path, "a list of objects", *prices));
    return;
  }
  for (std::size_t i = 0; i < prices->size(); ++i) {
    ObjectReader reader((*prices)[i], member_path(path, std::to_string(i)), error);
    accelerator.prices.push_back(read_price(reader, object.find("sources")));
  }
}

/// What no estimate uses yet.
void read_record(ObjectReader& object, std::optional<Error>& error, Accelerator& accelerator) {
  accelerator.architecture = object.string_or("architecture", "");
  accelerator.memory_type = object.string_or("memory_type", "");
  accelerator.part_of = object.string_or("part_of", "");
  accelerator.dies = object.integer_or("dies", kDies, 1);
  if (object.has("year")) accelerator.year = object.integer("year", kYear);
  accelerator.cache_bytes = find_figure(object, "cache_bytes", kCache);
  accelerator.tdp_w = find_figure(object, "tdp_w", kPower);
  if (const auto units = find_figure(object, "compute_units", kUnits)) {
    accelerator.compute_units = static_cast<std::int64_t>(*units);
  }
  read_class(object, accelerator);
  read_host_and_network(object, accelerator);
  read_prices(object, error, accelerator);
}

}  // namespace

std::string_view name_of(AcceleratorClass accelerator_class) {
  return class_names()[static_cast<std::size_t>(accelerator_class)];
}

Result<Accelerator> read_accelerator(const Json& json, const std::string& path) {
  std::optional<Error> error;
  ObjectReader object(json, path, error);
  object.refuse_unknown_keys({"id",
                              "vendor",
                              "name",
                              "aliases",
                              "class",
                              "architecture",
                              "year",
                              "part_of",
                              "dies",
                              "memory_type",
                              "memory_bytes",
                              "usable_memory_bytes",
                              "memory_bandwidth_bytes_per_s",
                              "peak_flops_per_s",
                              "link",
                              "nic",
                              "pcie",
                              "host_link",
                              "cache_bytes",
                              "compute_units",
                              "tdp_w",
                              "prices",
                              "sources",
                              "note"});
  Accelerator accelerator;
  accelerator.id = object.string_or("id", "");
  accelerator.vendor = object.string_or("vendor", "");
  accelerator.name = object.string("name");
  // Nothing could be said of it.
  if (accelerator.name.find_first_not_of(' ') == std::string::npos) {
    object.fail(missing_field("name", object.path_of("name")));
  }
  std::vector<std::string>* unconfirmed = &accelerator.unconfirmed;
  accelerator.memory_bytes = require_figure(object, "memory_bytes", kMemory, unconfirmed);
  accelerator.usable_memory_bytes =
      read_figure(object, "usable_memory_bytes", kMemory, accelerator.memory_bytes, unconfirmed);
  accelerator.memory_bandwidth_bytes_per_s =
      require_figure(object, "memory_bandwidth_bytes_per_s", kBandwidth, unconfirmed);
  read_peaks(object, accelerator);
  read_link(object, accelerator);
  read_record(object, error, accelerator);
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
