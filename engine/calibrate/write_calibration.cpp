#include "write_calibration.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cost/read_calibration.h"

namespace tokencast::calibrate {
namespace {

using Json = nlohmann::ordered_json;

// Where the measurements come from (shared/measured/README.md).
constexpr const char* kSource = "ai-dynamo/aiconfigurator";
constexpr const char* kCommit = "095f58a5";
constexpr const char* kLicence = "Apache-2.0";
constexpr double kMicro = 1e6;

/// The digit that is nearest to a value of a surface.
std::size_t place_of(double value) {
  const double steps =
      std::clamp(std::round(value / kSurfaceStep), -1.0 * kSurfaceZero, 1.0 * kSurfaceZero);
  return static_cast<std::size_t>(steps + kSurfaceZero);
}

/// To a few significant digits, as text and back, so that no digits of rounding remain.
double digits(double value, int count) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", count, value);
  return std::strtod(text, nullptr);
}
double two_digits(double value) { return digits(value, 2); }
double three_digits(double value) { return digits(value, 3); }

Json curve_json(const FittedCurve& fitted) {
  const CurveParameters& p = fitted.curve.parameters;
  Json json;
  json["class"] = fitted.kernel_class;
  if (!fitted.engine.empty()) json["engine"] = fitted.engine;
  if (!fitted.kernel.empty()) json["kernel"] = fitted.kernel;
  json["rows"] = fitted.rows;
  json["error"] = {two_digits(fitted.median_error), two_digits(fitted.p90_error)};
  json["band"] = {fitted.curve.band.low, fitted.curve.band.high};
  json["parameters"] = {three_digits(p.overhead_s * kMicro),
                        three_digits(p.latency_s * kMicro),
                        three_digits(p.compute),
                        three_digits(p.memory),
                        three_digits(p.link),
                        three_digits(p.overlap)};
  if (fitted.curve.surfaces.empty()) return json;
  Json surfaces = Json::array();
  for (const std::vector<double>& surface : fitted.curve.surfaces) {
    std::string text;
    for (const double value : surface) text += kSurfaceDigits[place_of(value)];
    surfaces.push_back(std::move(text));
  }
  json["surfaces"] = std::move(surfaces);
  return json;
}

/// A member of an object that is a list, one line for each element.
std::string lines(const std::string& name, const std::vector<Json>& elements) {
  std::string text = " \"" + name + "\": [";
  const char* separator = "\n";
  for (const Json& element : elements) {
    text += separator + ("  " + element.dump());
    separator = ",\n";
  }
  return text + "\n ]";
}

}  // namespace

Curve as_written(const Curve& curve) {
  Curve written = curve;
  CurveParameters& p = written.parameters;
  p = {three_digits(p.overhead_s * kMicro) / kMicro,
       three_digits(p.latency_s * kMicro) / kMicro,
       three_digits(p.compute),
       three_digits(p.memory),
       three_digits(p.link),
       three_digits(p.overlap)};
  for (std::vector<double>& surface : written.surfaces) {
    for (double& value : surface) {
      value = (static_cast<double>(place_of(value)) - kSurfaceZero) * kSurfaceStep;
    }
  }

  return written;
}

std::string calibration_text(const FittedAccelerator& fitted) {
  Json json;
  json["schema"] = 1;
  json["accelerator"] = fitted.id;
  json["architecture"] = fitted.architecture;
  json["source"] = {{"repository", kSource}, {"commit", kCommit}, {"licence", kLicence}};
  std::string text = json.dump(1);
  text.resize(text.size() - 2);  // the closing brace comes after the lists
  std::vector<Json> tables;
  tables.reserve(fitted.tables.size());
  for (const TableFacts& table : fitted.tables) {
    tables.push_back({{"op", table.op},
                      {"engine", table.engine},
                      {"version", table.version},
                      {"rows", table.rows},
                      {"beyond_physics", table.beyond_physics},
                      {"not_understood", table.not_understood}});
  }
  std::vector<Json> curves;
  curves.reserve(fitted.curves.size());
  for (const FittedCurve& curve : fitted.curves) curves.push_back(curve_json(curve));
  return text + ",\n" + lines("tables", tables) + ",\n" + lines("curves", curves) + "\n}\n";
}

}  // namespace tokencast::calibrate
