#include "accuracy/kernel_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <vector>

#include "accuracy/csv.h"
#include "accuracy/kernel_rows.h"
#include "accuracy/summary.h"
#include "cost/calibration_set.h"
#include "cost/kernel_time.h"
#include "hardware/read_accelerator.h"
#include "report/kernel_request.h"

namespace tokencast::accuracy {
namespace {

constexpr const char* kColumns =
    "accelerator,engine,op,dtype,shape,kernel_source,measured,predicted,low,high,source,reason,"
    "limit,"
    "flat\n";

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

// What calculators assume who know nothing else: 60 % of the peak, 80 % of the bandwidths.
double flat_time(const PeakTimes& peak) {
  constexpr double kCompute = 0.6;
  constexpr double kBandwidth = 0.8;
  return std::max(
      {peak.compute_s / kCompute, peak.memory_s / kBandwidth, peak.link_s / kBandwidth});
}

class Report {
 public:
  Report(const Presets& presets, const CalibrationSet& calibrations, bool leave_out,
         std::ofstream* rows)
      : presets_(presets), calibrations_(calibrations), leave_out_(leave_out), rows_(rows) {}

  std::optional<Error> add(const KernelFile& file) {
    const std::optional<Accelerator> accelerator = accelerator_named(file.accelerator);
    const std::optional<EngineFamily> family = engine_family_named(file.engine);
    const Engine engine = {family.value_or(EngineFamily::kGeneric), 0, 0};
    const CalibrationSet left =
        leave_out_ ? calibrations_.without(file.accelerator) : CalibrationSet();
    const CalibrationSet& calibrations = leave_out_ ? left : calibrations_;
    if (leave_out_ && accelerator && calibrations.stands_for(*accelerator).empty()) {
      ++refused_["no other accelerator of its architecture: " + file.accelerator];
      return std::nullopt;
    }
    const Result<std::vector<KernelRow>> rows = read_kernel_rows(file, rows_ != nullptr);
    if (!rows.ok()) return rows.error();
    for (const KernelRow& row : rows.value()) {
      if (!row.kernel || !accelerator) {
        const std::string reason = row.kernel ? "no preset for " + file.accelerator : row.reason;
        ++refused_[reason];
        write(file, row, nullptr, {}, reason);
        continue;
      }
      const KernelTime time =
          predict_kernel(*row.kernel, *accelerator, engine, calibrations, row.source);
      const PeakTimes peak = peaks_of(*row.kernel, *accelerator);
      std::string reason;
      if (row.measured_s < peak.limit_s) {
        reason = "measured faster than the peaks allow";
        ++refused_[reason];
      } else {
        compare(file, row, time);
      }
      write(file, row, &time, peak, reason);
    }
    return std::nullopt;
  }

  std::string text() const {
    std::string all = summary_.text() + "left out of the tables\n";
    for (const auto& [reason, count] : refused_) {
      all += "  " + reason + ": " + std::to_string(count) + '\n';
    }
    return all;
  }

 private:
  std::optional<Accelerator> accelerator_named(const std::string& id) {
    const auto found = presets_.accelerators.find(id);
    if (found == presets_.accelerators.end()) return std::nullopt;
    const Result<Json> json = parse_json(found->second);
    const Result<Accelerator> read = read_accelerator(json.value(), "");
    return read.ok() ? std::optional<Accelerator>(read.value()) : std::nullopt;
  }

  void compare(const KernelFile& file, const KernelRow& row, const KernelTime& time) {
    const Comparison comparison = {"all", row.measured_s, time.time_s,
                                   time.time_s * std::exp(time.band.low),
                                   time.time_s * std::exp(time.band.high)};
    summary_.add("1 operation", file.op, comparison);
    constexpr double kLong = 20e-6;
    if (row.measured_s > kLong) summary_.add("2 operation, above 20 us", file.op, comparison);
    summary_.add("3 accelerator", file.accelerator, comparison);
    summary_.add("4 engine", file.engine, comparison);
    summary_.add("5 source", name_of(time.source), comparison);
    if (leave_out_) {
      summary_.add("6 accelerator and operation", file.accelerator + " " + file.op, comparison);
    }
  }

  void write(const KernelFile& file, const KernelRow& row, const KernelTime* time,
             const PeakTimes& peak, const std::string& reason) {
    if (rows_ == nullptr) return;
    std::string predicted = ",,,";
    std::string baselines = ",";
    if (time != nullptr) {
      const double low_s = std::max(time->time_s * std::exp(time->band.low), peak.limit_s);
      predicted = number(time->time_s) + ',' + number(std::min(low_s, time->time_s)) + ',' +
                  number(time->time_s * std::exp(time->band.high)) + ',' + name_of(time->source);
      baselines = number(peak.limit_s) + ',' + number(flat_time(peak));
    }
    *rows_ << file.accelerator << ',' << file.engine << ',' << file.op << ','
           << csv_field(row.dtype) << ',' << csv_field(row.shape) << ',' << csv_field(row.source)
           << ',' << number(row.measured_s) << ',' << predicted << ',' << csv_field(reason) << ','
           << baselines << '\n';
  }

  const Presets& presets_;
  const CalibrationSet& calibrations_;
  bool leave_out_;
  std::ofstream* rows_;
  Summary summary_;
  std::map<std::string, std::int64_t> refused_;
};

}  // namespace

Result<std::string> kernel_report(const KernelReportOptions& options, const Presets& presets,
                                  const Calibrations& calibrations) {
  const Result<std::vector<KernelFile>> files = kernel_files(options.kernels);
  if (!files.ok()) return files.error();
  std::ofstream rows;
  if (!options.rows.empty()) {
    rows.open(options.rows, std::ios::binary);
    rows << kColumns;
  }
  Report report(presets, calibrations.set(), options.leave_out_accelerator,
                options.rows.empty() ? nullptr : &rows);
  for (const KernelFile& file : files.value()) {
    if (std::optional<Error> error = report.add(file)) return *error;
  }
  if (!options.rows.empty() && !rows.flush()) {
    return Error{"unwritable_file", options.rows, "Cannot write " + options.rows, "", {}};
  }
  return report.text();
}

}  // namespace tokencast::accuracy
