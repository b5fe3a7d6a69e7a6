#include "accuracy/serving_report.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <vector>

#include "accuracy/catalogue.h"
#include "accuracy/csv.h"
#include "accuracy/predict.h"
#include "accuracy/serving_case.h"
#include "accuracy/summary.h"
#include "base/text.h"

namespace tokencast::accuracy {
namespace {

constexpr const char* kColumns =
    "id,measured,predicted,low,high,source,reason,set,cell,model,model_class,gpu,engine,era,metric,"
    "mode,weights,gpus,tp,layers,concurrency,input_tokens,output_tokens,requests,running,limit,"
    "flat,"
    "prefill_s,decode_"
    "s,"
    "approximation\n";

std::string join_fields(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (!line.empty()) line += ',';
    line += csv_field(field);
  }
  return line + '\n';
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

// What calculators assume who know nothing else: 60 % of the peak, 80 % of the bandwidth.
constexpr Shares kFlat = {0.6, 0.8};

class Report {
 public:
  Report(Catalogue& catalogue, const CalibrationSet& calibrations)
      : catalogue_(catalogue), predictor_(calibrations) {}

  /// Returns the row's line.
  std::string add(const ServingRow& row) {
    const Result<ServingCase> read = case_of(row, catalogue_);
    if (!read.ok()) return refuse(row, read.error());
    const ServingCase& serving = read.value();
    const Prediction prediction = predictor_.predict(serving);
    if (std::optional<Error> error = beyond_physics(row, serving)) {
      return refuse(row, *error);
    }
    const std::string kind = name_of(class_of(serving.model->architecture));
    if (row.value > 0) {
      compare(row, kind,
              {row.cell, row.value, prediction.value.value, prediction.value.low,
               prediction.value.high});
    }
    const RequestRun& load = serving.load;
    return join_fields(
        {row.id,
         number(row.value),
         number(prediction.value.value),
         number(prediction.value.low),
         number(prediction.value.high),
         prediction.source,
         "",
         row.set,
         row.cell,
         row.model,
         kind,
         row.gpu_id,
         row.engine_text,
         era_of(row.engine),
         row.metric_name,
         row.mode,
         row.weights,
         std::to_string(row.gpus),
         std::to_string(serving.layout.tp),
         std::to_string(serving.model->architecture.layer_count()),
         std::to_string(load.users),
         std::to_string(load.input_tokens),
         std::to_string(load.output_tokens),
         std::to_string(load.requests),
         std::to_string(prediction.running),
         row.metric == Metric::kMemory ? "" : number(predictor_.limit(serving)),
         row.metric == Metric::kMemory ? "" : number(predictor_.roofline(serving, kFlat)),
         number(prediction.prefill_s.value),
         number(prediction.decode_s.value),
         serving.approximation});
  }

  std::string text() const {
    std::string all = summary_.text();
    all += "not predicted\n";
    for (const auto& [code, count] : reasons_) {
      all += "  " + code + ": " + std::to_string(count) + '\n';
    }
    return all;
  }

 private:
  std::string refuse(const ServingRow& row, const Error& error) {
    ++reasons_[error.code];
    return join_fields({row.id, number(row.value), "", "", "", "",
                        error.code + ": " + error.message, row.set, row.cell, row.model, "",
                        row.gpu_id, row.engine_text, era_of(row.engine), row.metric_name, row.mode,
                        row.weights, std::to_string(row.gpus)});
  }

  /// A measurement that no hardware of this kind can have given: the run ended early, or it ran on
  /// more than is stated.
  std::optional<Error> beyond_physics(const ServingRow& row, const ServingCase& serving) {
    if (row.metric == Metric::kMemory || row.value <= 0) return std::nullopt;
    const bool time = row.metric == Metric::kTtft || row.metric == Metric::kTpot;
    const double limit = predictor_.limit(serving);
    if (time ? row.value >= limit : row.value <= limit) return std::nullopt;
    return Error{"beyond_physics", "value", "the hardware allows " + number(limit), "", {}};
  }

  void compare(const ServingRow& row, const std::string& kind, const Comparison& comparison) {
    // Memory is another matter than time: it counts for its metric only.
    summary_.add("metric", row.metric_name, comparison);
    if (row.metric == Metric::kMemory) return;
    summary_.add("all", "times and rates", comparison);
    summary_.add("set", row.set, comparison);
    summary_.add("GPU", row.gpu_id, comparison);
    summary_.add("engine", era_of(row.engine), comparison);
    summary_.add("mode", row.mode, comparison);
    summary_.add("model class", kind, comparison);
    summary_.add("number of GPUs", row.gpus > 1 ? "several" : "one", comparison);
    summary_.add("set and metric", row.set + " " + row.metric_name, comparison);
  }

  Catalogue& catalogue_;
  Predictor predictor_;
  Summary summary_;
  std::map<std::string, std::int64_t> reasons_;
};

}  // namespace

Result<std::string> serving_report(const ServingReportOptions& options, const Presets& presets,
                                   const Calibrations& calibrations) {
  const Result<CsvTable> read = read_csv(options.serving);
  if (!read.ok()) return read.error();
  Catalogue catalogue(options.configs, presets);
  Report report(catalogue, calibrations.set());
  std::string lines = kColumns;
  for (const std::vector<std::string>& fields : read.value().rows) {
    lines += report.add(read_serving_row(read.value(), fields));
  }
  if (!options.rows.empty()) {
    std::ofstream file(options.rows, std::ios::binary);
    file << lines;
    if (!file.flush()) {
      return Error{"unwritable_file", options.rows, "Cannot write " + options.rows, "", {}};
    }
  }
  return report.text();
}

}  // namespace tokencast::accuracy
