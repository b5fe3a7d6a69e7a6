#include "cost/read_calibration.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tokencast {
namespace {

constexpr double kMicro = 1e-6;
constexpr Range kMicroseconds = {0, 1e7};
constexpr Range kShare = {0.001, 1};
constexpr Range kOverlap = {1, 100};
constexpr Range kLogBand = {-5, 5};

double held(Range range, double value) { return std::clamp(value, range.minimum, range.maximum); }

/// Calls read with a reader of each element of a list.
template <class Read>
void each(ObjectReader& object, const std::string& key, std::optional<Error>& error,
          const Read& read) {
  const Json* list = object.find(key);
  if (list == nullptr || !list->is_array()) {
    object.fail(wrong_type(key, object.path_of(key), "a list", list == nullptr ? Json() : *list));
    return;
  }
  for (std::size_t i = 0; i < list->size() && !error; ++i) {
    ObjectReader reader((*list)[i], member_path(object.path_of(key), std::to_string(i)), error);
    if (!error) read(reader);
  }
}

/// Values of a list of numbers, all in range; reports the first that is not.
std::vector<double> numbers(ObjectReader& object, const std::string& key, std::size_t size,
                            Range range) {
  const Json* list = object.find(key);
  if (list == nullptr || !list->is_array() || list->size() != size) {
    object.fail(wrong_type(key, object.path_of(key), std::to_string(size) + " numbers",
                           list == nullptr ? Json() : *list));
    return std::vector<double>(size, range.minimum);
  }
  std::vector<double> values;
  values.reserve(size);
  for (const Json& value : *list) {
    values.push_back(value.is_number() ? value.get<double>() : range.maximum + 1);
    if (!range.holds(values.back())) {
      object.fail(out_of_range(key, object.path_of(key), value, range));
      values.back() = range.minimum;
    }
  }
  return values;
}

CurveParameters read_parameters(ObjectReader& curve) {
  constexpr std::size_t kCount = 6;
  constexpr Range kPositive = {0, 1e6};
  const std::vector<double> p = numbers(curve, "parameters", kCount, kPositive);
  return {p[0] * kMicro,      p[1] * kMicro,      held(kShare, p[2]),
          held(kShare, p[3]), held(kShare, p[4]), held(kOverlap, p[5])};
}

double value_of(char digit) {
  // The digits are printable ASCII in order, without the backslash.
  const int place = digit - kSurfaceDigits.front() - (digit > '\\' ? 1 : 0);
  return (place - kSurfaceZero) * kSurfaceStep;
}

std::vector<std::vector<double>> read_surfaces(ObjectReader& curve,
                                               const std::string& kernel_class) {
  std::vector<std::vector<double>> surfaces;
  const Json* list = curve.find("surfaces");
  if (list == nullptr) return surfaces;
  const std::span<const Axes> grids = grids_of(kernel_class);
  if (!list->is_array() || list->size() != grids.size()) {
    curve.fail(wrong_type("surfaces", curve.path_of("surfaces"),
                          std::to_string(grids.size()) + " lists", *list));
    return surfaces;
  }
  for (std::size_t i = 0; i < grids.size(); ++i) {
    const Json& values = (*list)[i];
    const std::string path = member_path(curve.path_of("surfaces"), std::to_string(i));
    const bool whole =
        values.is_string() && values.get_ref<const std::string&>().size() == size_of(grids[i]) &&
        values.get_ref<const std::string&>().find_first_not_of(kSurfaceDigits) == std::string::npos;
    if (!whole) {
      curve.fail(wrong_type("surfaces", path,
                            "a text of " + std::to_string(size_of(grids[i])) + " digits", values));
      return {};
    }
    std::vector<double>& surface = surfaces.emplace_back();
    surface.reserve(size_of(grids[i]));
    for (const char digit : values.get_ref<const std::string&>()) {
      surface.push_back(value_of(digit));
    }
  }
  return surfaces;
}

std::optional<Error> add_index(CalibrationSet& set, const Json& json) {
  std::optional<Error> error;
  ObjectReader root(json, "", error);
  std::vector<MeasuredAccelerator> measured;
  std::vector<FittedProfile> profiles;
  each(root, "measured", error, [&](ObjectReader& reader) {
    constexpr Range kBandwidth = {1e9, 1e15};
    measured.push_back({reader.string("accelerator"), reader.string("architecture"),
                        reader.number("memory_bandwidth_bytes_per_s", kBandwidth)});
  });
  BandWidths widths = kUnchangedWidths;
  if (root.find("widths") != nullptr) {
    constexpr Range kWidth = {0.1, 10};
    const std::vector<double> read = numbers(root, "widths", 2 * widths.size(), kWidth);
    for (std::size_t i = 0; i < read.size(); ++i) widths[i / 2][i % 2] = read[i];
  }
  each(root, "profiles", error, [&](ObjectReader& reader) {
    FittedProfile fitted;
    const std::string family = reader.string("engine");
    const std::string from = reader.string_or("from", "");
    fitted.from = engine_of(engine_family_named(family).value_or(EngineFamily::kGeneric), from);
    EngineProfile& profile = fitted.profile;
    profile.name = family + (from.empty() ? "" : " " + from);
    profile.kernels = reader.string_or("kernels", profile.kernels);
    const auto runs = engine_family_named(profile.kernels);
    profile.own_kernels =
        fitted.from.family == EngineFamily::kGeneric || runs == fitted.from.family;
    const std::string oldest = reader.string_or("oldest", "");
    const std::string newest = reader.string_or("newest", "");
    if (!oldest.empty() && !newest.empty()) {
      const EngineFamily of = fitted.from.family;
      fitted.versions = MeasuredVersions{engine_of(of, oldest), engine_of(of, newest)};
    }
    fitted.vendor = reader.string_or("vendor", "");
    fitted.accelerator_class = reader.string_or("class", "");
    profile.dense_experts = reader.boolean_or("dense_experts", false);
    profile.request_s = reader.number_or("request_us", kMicroseconds, 0) * kMicro;
    profile.step_s = reader.number("step_us", kMicroseconds) * kMicro;
    profile.sequence_s = reader.number("sequence_us", kMicroseconds) * kMicro;
    profile.prefill_sequence_s = reader.number_or("prefill_sequence_us", kMicroseconds, 0) * kMicro;
    profile.layer_s = reader.number("layer_us", kMicroseconds) * kMicro;
    profile.shared_layer_s = reader.number_or("shared_layer_us", kMicroseconds, 0) * kMicro;
    profile.routed_layer_s = reader.number_or("routed_layer_us", kMicroseconds, 0) * kMicro;
    profile.decode_launch_s = reader.number("decode_launch_us", kMicroseconds) * kMicro;
    profile.prefill_launch_s = reader.number("prefill_launch_us", kMicroseconds) * kMicro;
    constexpr Range kGraph = {0, 2};
    profile.graph = reader.number("graph", kGraph);
    constexpr Range kFactor = {1, 50};
    profile.prefill = reader.number("prefill", kFactor);
    constexpr Range kExpertsFactor = {0.1, 50};
    profile.experts = reader.number("experts", kExpertsFactor);
    profile.decode_experts = reader.number_or("decode_experts", kExpertsFactor, profile.experts);
    profile.decode = reader.number("decode", kFactor);
    const std::string known = reader.one_of("known", {"measured", "transferred", "generic"});
    profile.known = known == "measured"      ? Source::kMeasured
                    : known == "transferred" ? Source::kTransferred
                                             : Source::kGeneric;
    const std::vector<double> prefill = numbers(reader, "prefill_band", 2, kLogBand);
    const std::vector<double> decode = numbers(reader, "decode_band", 2, kLogBand);
    profile.prefill_band = {prefill[0], prefill[1]};
    profile.decode_band = {decode[0], decode[1]};
    profile.widths = widths;
    profiles.push_back(std::move(fitted));
  });
  if (!error) set.set_index(std::move(measured), std::move(profiles));
  return error;
}

}  // namespace

Result<Calibration> read_calibration(const Json& json) {
  std::optional<Error> error;
  ObjectReader root(json, "", error);
  if (error) return *error;
  constexpr Range kSchema = {1, 1};
  root.integer("schema", kSchema);
  Calibration calibration;
  calibration.accelerator = root.string("accelerator");
  calibration.architecture = root.string("architecture");
  each(root, "curves", error, [&](ObjectReader& reader) {
    const std::string kernel_class = reader.string("class");
    MeasuredCurve measured;
    measured.engine = reader.string_or("engine", "");
    measured.kernel = reader.string_or("kernel", "");
    measured.curve.parameters = read_parameters(reader);
    measured.curve.surfaces = read_surfaces(reader, kernel_class);
    const std::vector<double> band = numbers(reader, "band", 2, kLogBand);
    measured.curve.band = {band[0], band[1]};
    calibration.classes[kernel_class].push_back(std::move(measured));
  });
  if (error) return *error;
  return calibration;
}

std::optional<Error> add_file(CalibrationSet& set, const Json& json) {
  if (json.is_object() && json.contains("measured")) return add_index(set, json);
  Result<Calibration> read = read_calibration(json);
  if (!read.ok()) return read.error();
  set.add(std::move(read.value()));
  return std::nullopt;
}

}  // namespace tokencast
