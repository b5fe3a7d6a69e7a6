// calibrate: fits presets/calibration/ to measurements, and prints how well unseen ones are met.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "builtin_presets.h"
#include "cost/read_calibration.h"
#include "fit.h"
#include "fit_profiles.h"
#include "hardware/read_accelerator.h"
#include "kernels.h"
#include "write_calibration.h"
#include "write_index.h"

namespace tokencast::calibrate {
namespace {

// Fewer rows than these make no curve of their own.
constexpr std::size_t kFewestRows = 20;

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Accelerator read_preset(const std::string& folder, const std::string& id) {
  const std::string path = folder + "/accelerators/" + id + ".json";
  const Result<Accelerator> accelerator = read_accelerator(Json::parse(read_file(path)), "");
  if (!accelerator.ok()) throw std::runtime_error(path + ": " + accelerator.error().message);
  return accelerator.value();
}

/// Engines as a request names them; collectives of a library belong to none.
std::string engine_name(const std::string& engine) {
  if (engine == "trtllm") return "tensorrt-llm";
  return engine == "nccl" || engine == "oneccl" ? "" : engine;
}

/// Errors of calls that were not fitted.
struct Errors {
  std::vector<double> all, long_calls;
  std::size_t inside = 0;

  void add(const Errors& other) {
    all.insert(all.end(), other.all.begin(), other.all.end());
    long_calls.insert(long_calls.end(), other.long_calls.begin(), other.long_calls.end());
    inside += other.inside;
  }
};

/// The band of a class from residuals of samples left out, over the halves that the other judges.
LogBand band_of(const std::vector<double>& residuals) {
  constexpr double kDigits = 100;
  return {std::round(quantile(residuals, 0.1) * kDigits) / kDigits,
          std::round(quantile(residuals, 0.9) * kDigits) / kDigits};
}

Errors judge(const std::vector<Sample>& samples, const std::vector<double>& predicted,
             Curve& curve) {
  constexpr double kLong = 20e-6;
  Errors errors;
  std::vector<double> residuals;
  std::vector<double> first;
  std::vector<double> second;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (predicted[i] == 0) continue;
    const double error = std::abs(predicted[i] / samples[i].measured_s - 1);
    errors.all.push_back(error);
    if (samples[i].measured_s > kLong) errors.long_calls.push_back(error);
    residuals.push_back(std::log(samples[i].measured_s / predicted[i]));
    (i % 2 == 0 ? first : second).push_back(residuals.back());
  }
  const auto held = [](const LogBand& band, const std::vector<double>& values) {
    return static_cast<std::size_t>(std::count_if(
        values.begin(), values.end(), [&](double v) { return v >= band.low && v <= band.high; }));
  };
  errors.inside = held(band_of(first), second) + held(band_of(second), first);
  curve.band = band_of(residuals);
  return errors;
}

struct Options {
  std::string kernels, serving, configs, presets = "presets", out, unseen, only, op,
                                         leave_out = "cell";
};

void print_errors(const std::string& name, const Errors& errors) {
  const double inside = errors.all.empty() ? 0
                                           : static_cast<double>(errors.inside) /
                                                 static_cast<double>(errors.all.size());
  std::printf(
      "%-24s %7zu  median %5.1f %%  P90 %5.1f %%   above 20 us %7zu  %5.1f %%  %5.1f %%   in band "
      "%4.1f %%\n",
      name.c_str(), errors.all.size(), 100 * quantile(errors.all, 0.5),
      100 * quantile(errors.all, 0.9), errors.long_calls.size(),
      100 * quantile(errors.long_calls, 0.5), 100 * quantile(errors.long_calls, 0.9), 100 * inside);
}

void run(const Options& options) {
  std::map<std::string, Errors> by_op;
  std::map<std::string, FittedAccelerator> by_accelerator;
  std::map<std::string, Accelerator> accelerators;
  const auto files = accuracy::kernel_files(options.kernels);
  if (!files.ok()) throw std::runtime_error(files.error().message);
  for (const accuracy::KernelFile& file : files.value()) {
    if (!options.only.empty() && file.path.find(options.only) == std::string::npos) continue;
    if (!options.op.empty() && file.op != options.op) continue;
    auto found = accelerators.find(file.accelerator);
    if (found == accelerators.end()) {
      found = accelerators.emplace(file.accelerator, read_preset(options.presets, file.accelerator))
                  .first;
    }
    const MeasuredKernels measured = read_kernels(file, found->second);
    std::printf("%s %s %s %s: %zu rows, %zu not understood, %zu faster than the peaks allow\n",
                file.accelerator.c_str(), file.op.c_str(), file.engine.c_str(),
                file.version.c_str(), measured.rows, measured.unreadable, measured.beyond_physics);
    std::vector<FittedCurve> curves;
    for (const auto& [names, samples] : measured.by_kernel) {
      if (samples.size() < kFewestRows) continue;
      FittedCurve fitted;
      std::tie(fitted.kernel_class, fitted.kernel) = names;
      fitted.engine = engine_name(file.engine);
      fitted.rows = samples.size();
      fitted.curve = as_written(fit_curve(fitted.kernel_class, samples));
      const Errors errors =
          judge(samples, predict_unseen(fitted.kernel_class, samples), fitted.curve);
      fitted.median_error = quantile(errors.all, 0.5);
      fitted.p90_error = quantile(errors.all, 0.9);
      by_op[file.op].add(errors);
      print_errors("  " + fitted.kernel_class + " " + fitted.kernel, errors);
      curves.push_back(std::move(fitted));
    }
    FittedAccelerator& fitted = by_accelerator[file.accelerator];
    fitted.id = file.accelerator;
    fitted.architecture = found->second.architecture;
    fitted.tables.push_back({file.op, engine_name(file.engine), file.version, measured.rows,
                             measured.unreadable, measured.beyond_physics});
    fitted.curves.insert(fitted.curves.end(), curves.begin(), curves.end());
  }
  for (const auto& [op, errors] : by_op) print_errors(op, errors);
  if (options.out.empty()) return;
  for (auto& [id, fitted] : by_accelerator) {
    // The most measured of an engine's kernels for a class is its usual one.
    std::stable_sort(fitted.curves.begin(), fitted.curves.end(),
                     [](const FittedCurve& a, const FittedCurve& b) {
                       return std::tie(a.kernel_class, b.rows) < std::tie(b.kernel_class, a.rows);
                     });
    const std::string path = options.out + "/" + id + ".json";
    std::ofstream file(path, std::ios::binary);
    file << calibration_text(fitted);
    if (!file) throw std::runtime_error("cannot write " + path);
  }
}

}  // namespace
}  // namespace tokencast::calibrate

namespace tokencast::calibrate {
namespace {

/// Fits what engines add to kernels, with the curves that presets hold by now.
void run_profiles(const Options& options) {
  const Presets presets = builtin_presets();
  CalibrationSet calibrations;
  std::vector<MeasuredAccelerator> measured;
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(options.presets + "/calibration")) {
    if (entry.path().filename() != "index.json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const Json json = Json::parse(read_file(file.string()));
    const std::optional<Error> error = add_file(calibrations, json);
    if (error) throw std::runtime_error(file.string() + ": " + error->message);
    const std::string id = json.at("accelerator").get<std::string>();
    const Accelerator accelerator = read_preset(options.presets, id);
    measured.push_back({id, accelerator.architecture, accelerator.memory_bandwidth_bytes_per_s});
  }
  calibrations.set_index(measured, {});
  const FittedProfiles fitted =
      fit_profiles(options.serving, options.configs, presets, calibrations,
                   options.leave_out == "accelerator" ? LeaveOut::kAccelerator
                   : options.leave_out == "model"     ? LeaveOut::kModel
                                                      : LeaveOut::kCell);
  if (!options.unseen.empty()) {
    std::ofstream rows(options.unseen, std::ios::binary);
    rows << "id,predicted,low,high\n";
    for (const Unseen& row : fitted.unseen) {
      rows << row.id << ',' << row.predicted << ',' << row.low << ',' << row.high << '\n';
    }
    if (!rows.flush()) throw std::runtime_error("cannot write " + options.unseen);
  }
  if (options.out.empty()) return;
  std::ofstream file(options.out + "/index.json", std::ios::binary);
  file << index_text(measured, fitted);
  if (!file.flush()) throw std::runtime_error("cannot write " + options.out + "/index.json");
}

}  // namespace
}  // namespace tokencast::calibrate

namespace {

int command_line(int argc, char** argv) {
  CLI::App app{"Fits presets/calibration/ to measurements."};
  tokencast::calibrate::Options options;
  app.add_option("--kernels", options.kernels, "Folder of measured kernels: fits curves");
  app.add_option("--serving", options.serving, "File of serving results: fits engines' profiles");
  app.add_option("--configs", options.configs, "Folder of the configs that --serving needs");
  app.add_option("--presets", options.presets, "Folder of presets")->capture_default_str();
  app.add_option("--out", options.out, "Folder to write to, one file for each accelerator");
  app.add_option("--unseen", options.unseen,
                 "Where to write what results are predicted to be by a fit without their cell");
  app.add_option("--leave-out", options.leave_out,
                 "What --unseen leaves out together: cell, accelerator (and its kernels) or model")
      ->check(CLI::IsMember({"cell", "accelerator", "model"}))
      ->capture_default_str();
  app.add_option("--only", options.only, "Only tables whose path holds this");
  app.add_option("--op", options.op, "Only tables of this operation");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int kMisuse = 2;
    return app.exit(error) == 0 ? 0 : kMisuse;
  }
  if (!options.kernels.empty()) tokencast::calibrate::run(options);
  if (!options.serving.empty()) tokencast::calibrate::run_profiles(options);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return command_line(argc, argv);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "calibrate: %s\n", fault.what());
    return 1;
  }
}
