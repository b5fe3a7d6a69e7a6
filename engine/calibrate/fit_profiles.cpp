#include "fit_profiles.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "accuracy/predict.h"
#include "accuracy/serving_case.h"
#include "accuracy/summary.h"
#include "search.h"

namespace tokencast::calibrate {
namespace {

// A version range with habits of its own, and accelerators that differ from the rest, where there
// are results of either. The first of a family is the one that all its others start from.
const std::vector<ProfileGroup> kGroups = {
    {"vllm", "0.12", "", "", "vllm"},
    {"vllm", "0.8", "", "", "vllm"},
    {"vllm", "0.6", "", "", "vllm"},
    {"vllm", "0.1", "", "", "vllm"},
    {"vllm", "0.6", "AMD", "", "vllm"},
    {"vllm", "0.1", "AMD", "", "vllm"},
    {"sglang", "0.5", "", "", "sglang"},
    {"sglang", "0.4", "", "", "sglang"},
    {"trtllm", "1.0", "", "", "tensorrt-llm"},
    {"trtllm", "0.10", "", "", "tensorrt-llm"},
    {"trtllm", "0.1", "", "", "tensorrt-llm"},
    {"llama.cpp", "", "", "", "vllm"},
    {"llama.cpp", "", "NVIDIA", "datacentre", "vllm"},
    {"llama.cpp", "", "NVIDIA", "workstation", "vllm"},
    {"llama.cpp", "", "NVIDIA", "consumer", "vllm"},
    {"llama.cpp", "", "NVIDIA", "soc", "vllm"},
    {"llama.cpp", "", "Apple", "", "vllm"},
    {"llama.cpp", "", "AMD", "", "vllm"},
    {"transformers", "4.0", "", "", "vllm"},
    {"transformers", "1.0", "", "", "vllm"},
    {"lmdeploy", "", "", "", "vllm"},
    {"mindie", "", "", "", "vllm"},
    {"tgi", "", "", "", "vllm"},
    {"mlc", "", "", "", "vllm"},
    {"exllama", "", "", "", "vllm"},
    {"deepspeed", "", "", "", "vllm"},
};

constexpr std::size_t kMostRowsOfCell = 24;
constexpr double kScale = 0.1;  // errors beyond it count linearly
constexpr double kHold = 0.3;
constexpr int kMostCalls = 60;
constexpr int kFolds = 5;
constexpr std::size_t kFewestCellsForBand = 4;

const std::vector<Bounds> kBounds = {
    {1e-5, 5e-2},  // step_s
    {1e-7, 2e-3},  // sequence_s
    {1e-7, 5e-4},  // layer_s
    {1e-6, 3e-2},  // decode_launch_s
    {1e-6, 5e-3},  // prefill_launch_s
    {0.05, 1.5},   // graph
    {1.0, 8.0},    // decode
    {1.0, 8.0},    // prefill
    {1.0, 6.0},    // experts
};

std::vector<double> values_of(const EngineProfile& p) {
  return {p.step_s, p.sequence_s, p.layer_s, p.decode_launch_s, p.prefill_launch_s,
          p.graph,  p.decode,     p.prefill, p.experts};
}

void set_values(EngineProfile& p, const std::vector<double>& values) {
  p.step_s = values[0];
  p.sequence_s = values[1];
  p.layer_s = values[2];
  p.decode_launch_s = values[3];
  p.prefill_launch_s = values[4];
  p.graph = values[5];
  p.decode = values[6];
  p.prefill = values[7];
  p.experts = values[8];
}

EngineProfile start_profile(const ProfileGroup& group) {
  EngineProfile p;
  set_values(p, {1e-3, 2e-5, 1e-5, 2e-5, 3e-4, 0.7, 1.1, 1.1, 1.2});
  // Eager: each kernel of a layer is launched from Python.
  if (group.engine == "transformers") p.decode_launch_s = p.prefill_launch_s = 6e-4;
  return p;
}

struct Row {
  std::string id, cell;
  accuracy::ServingCase serving;
  double measured = 0;
  bool time = false;  ///< seconds, else a rate
  bool prefill = false;
};

double sign_of(const Row& row) { return row.time ? 1 : -1; }

/// log(measured / predicted) as a time.
double residual(const Row& row, accuracy::Predictor& predictor) {
  const double predicted = predictor.predict(row.serving).value.value;
  return sign_of(row) * std::log(row.measured / predicted);
}

bool is_prefill(accuracy::Metric metric) {
  return metric == accuracy::Metric::kTtft || metric == accuracy::Metric::kPrefillRate;
}

bool is_time(accuracy::Metric metric) {
  return metric == accuracy::Metric::kTtft || metric == accuracy::Metric::kTpot;
}

std::vector<Row> read_rows(const std::string& serving, accuracy::Catalogue& catalogue,
                           accuracy::Predictor& predictor) {
  const Result<accuracy::CsvTable> table = accuracy::read_csv(serving);
  if (!table.ok()) throw std::runtime_error(table.error().message);
  std::vector<Row> rows;
  for (const std::vector<std::string>& fields : table.value().rows) {
    const accuracy::ServingRow row = accuracy::read_serving_row(table.value(), fields);
    const Result<accuracy::ServingCase> read = accuracy::case_of(row, catalogue);
    if (!read.ok() || !row.metric || row.metric == accuracy::Metric::kMemory) continue;
    if (!(row.value > 0)) continue;
    // What no hardware of this kind can have given tells nothing of an engine.
    const bool time = is_time(*row.metric);
    const double limit = predictor.limit(read.value());
    if (time ? row.value < limit : row.value > limit) continue;
    rows.push_back({row.id, row.cell, read.value(), row.value, time, is_prefill(*row.metric)});
  }
  return rows;
}

/// At most so many rows of each cell, spread over it, so that searches end.
std::vector<const Row*> thinned(const std::vector<const Row*>& rows) {
  std::map<std::string, std::vector<const Row*>> cells;
  for (const Row* row : rows) cells[row->cell].push_back(row);
  std::vector<const Row*> chosen;
  for (const auto& [cell, of_cell] : cells) {
    const std::size_t stride = of_cell.size() / kMostRowsOfCell + 1;
    for (std::size_t i = 0; i < of_cell.size(); i += stride) chosen.push_back(of_cell[i]);
  }
  return chosen;
}

EngineProfile fit(const std::vector<const Row*>& all, const EngineProfile& start,
                  accuracy::Predictor& predictor) {
  const std::vector<const Row*> rows = thinned(all);
  std::map<std::string, double> in_cell;
  for (const Row* row : rows) in_cell[row->cell] += 1;
  EngineProfile profile = start;
  const Residuals fill = [&](const std::vector<double>& values, std::vector<double>& residuals) {
    set_values(profile, values);
    predictor.use(profile);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double weight = std::sqrt(1 / in_cell[rows[i]->cell]);
      residuals[i] = weight * robust(residual(*rows[i], predictor), kScale);
    }
  };
  const Found found = search(kBounds, values_of(start), rows.size(), fill, kHold, kMostCalls);
  set_values(profile, found.values);
  return profile;
}

bool holds(const ProfileGroup& group, const accuracy::ServingCase& serving) {
  const Accelerator& accelerator = *serving.accelerator;
  if (name_of(serving.engine.family) != group.engine) return false;
  if (!group.vendor.empty() && group.vendor != accelerator.vendor) return false;
  return group.accelerator_class.empty() ||
         (accelerator.accelerator_class &&
          group.accelerator_class == name_of(*accelerator.accelerator_class));
}

/// The group that the set would choose for a case: the index in kGroups, or nothing.
std::optional<std::size_t> group_of(const accuracy::ServingCase& serving) {
  std::optional<std::size_t> best;
  std::tuple<int, bool, std::pair<int, int>> best_rank;
  for (std::size_t i = 0; i < kGroups.size(); ++i) {
    const ProfileGroup& group = kGroups[i];
    if (!holds(group, serving)) continue;
    const Engine from = engine_of(serving.engine.family, group.from);
    const int fitting = (group.vendor.empty() ? 0 : 1) + (group.accelerator_class.empty() ? 0 : 1);
    const bool reached = serving.engine.at_least(from.major, from.minor);
    const int sign = reached ? 1 : -1;
    const auto rank = std::tuple(fitting, reached, std::pair(sign * from.major, sign * from.minor));
    if (!best || rank > best_rank) {
      best = i;
      best_rank = rank;
    }
  }
  return best;
}

LogBand band_of(const std::vector<accuracy::Weighted>& residuals, const LogBand& fallback) {
  if (residuals.size() < kFewestCellsForBand) return fallback;
  constexpr double kDigits = 100;
  constexpr double kWidest = 2.3;  // ten times
  const auto edge = [&](double share) {
    const double value = accuracy::weighted_quantile(residuals, share);
    return std::clamp(std::round(value * kDigits) / kDigits, -kWidest, kWidest);
  };
  return {std::min(edge(0.1), 0.0), std::max(edge(0.9), 0.0)};
}

}  // namespace

FittedProfiles fit_profiles(const std::string& serving, const std::string& configs,
                            const Presets& presets, const CalibrationSet& calibrations) {
  accuracy::Catalogue catalogue(configs, presets);
  accuracy::Predictor predictor(calibrations);
  const std::vector<Row> rows = read_rows(serving, catalogue, predictor);
  std::vector<std::vector<const Row*>> by_group(kGroups.size());
  for (const Row& row : rows) {
    if (const auto group = group_of(row.serving)) by_group[*group].push_back(&row);
  }
  FittedProfiles result;
  std::map<std::string, EngineProfile> first_of_family;
  for (std::size_t g = 0; g < kGroups.size(); ++g) {
    const ProfileGroup& group = kGroups[g];
    std::vector<const Row*> own = by_group[g];
    // The first of a family stands for all of it where it has no results of its own.
    if (own.empty()) {
      for (const Row& row : rows) {
        if (holds(group, row.serving)) own.push_back(&row);
      }
    }
    if (own.empty()) continue;
    const auto known = first_of_family.find(group.engine);
    EngineProfile start = known == first_of_family.end() ? start_profile(group) : known->second;
    start.kernels = group.kernels;
    FittedGroup fitted;
    fitted.group = group;
    fitted.rows = own.size();
    // Cells are dealt to folds in the order of their names.
    std::set<std::string> cells;
    for (const Row* row : own) cells.insert(row->cell);
    fitted.cells = cells.size();
    std::map<std::string, int> fold_of;
    int next = 0;
    for (const std::string& cell : cells) fold_of[cell] = next++ % kFolds;
    std::map<std::string, double> in_cell;
    for (const Row* row : own) in_cell[row->cell] += 1;

    std::vector<accuracy::Weighted> prefill, decode, errors;
    std::vector<std::pair<const Row*, double>> predicted;
    for (int fold = 0; fold < kFolds; ++fold) {
      std::vector<const Row*> others, left;
      for (const Row* row : own) (fold_of[row->cell] == fold ? left : others).push_back(row);
      if (left.empty()) continue;
      predictor.use(others.empty() ? start : fit(others, start, predictor));
      for (const Row* row : left) {
        const double value = residual(*row, predictor);
        const double weight = 1 / in_cell[row->cell];
        (row->prefill ? prefill : decode).emplace_back(value, weight);
        errors.emplace_back(std::abs(std::exp(-sign_of(*row) * value) - 1), weight);
        predicted.emplace_back(row, value);
      }
    }
    fitted.profile = fit(own, start, predictor);
    fitted.profile.kernels = group.kernels;
    const LogBand wide = {-0.4, 0.6};
    const LogBand decode_band = band_of(decode, wide);
    fitted.profile.decode_band = decode_band;
    fitted.profile.prefill_band = band_of(prefill, {decode_band.low - 0.1, decode_band.high + 0.1});
    fitted.median_error = accuracy::weighted_quantile(errors, 0.5);
    fitted.p90_error = accuracy::weighted_quantile(errors, 0.9);
    std::map<Source, double> known_by;
    double inside = 0;
    double all = 0;
    for (const auto& [row, value] : predicted) {
      const LogBand& band = row->prefill ? fitted.profile.prefill_band : decode_band;
      const double weight = 1 / in_cell[row->cell];
      all += weight;
      known_by[predictor.predict(row->serving).value.source] += weight;
      if (value >= band.low && value <= band.high) inside += weight;
      const double estimate = row->measured * std::exp(-sign_of(*row) * value);
      // The slow end of a time is the low end of a rate.
      result.unseen.push_back({row->id, estimate,
                               estimate * std::exp(row->time ? band.low : -band.high),
                               estimate * std::exp(row->time ? band.high : -band.low)});
    }
    fitted.inside = inside / all;
    for (const auto& [source, weight] : known_by) {
      if (weight >= known_by[fitted.profile.known]) fitted.profile.known = source;
    }
    if (known == first_of_family.end()) first_of_family[group.engine] = fitted.profile;
    const EngineProfile& p = fitted.profile;
    std::printf(
        "%-13s %-5s %-7s %-11s %5zu rows %3zu cells  unseen median %5.1f %%  P90 %6.1f %%  in band "
        "%3.0f %%   step %.2f ms, %.0f us/seq, %.0f us/layer, launch %.0f %.0f us/layer, graph "
        "%.2f, decode %.2f, prefill %.2f, experts %.2f\n",
        group.engine.c_str(), group.from.c_str(), group.vendor.c_str(),
        group.accelerator_class.c_str(), fitted.rows, fitted.cells, 100 * fitted.median_error,
        100 * fitted.p90_error, 100 * fitted.inside, p.step_s * 1e3, p.sequence_s * 1e6,
        p.layer_s * 1e6, p.decode_launch_s * 1e6, p.prefill_launch_s * 1e6, p.graph, p.decode,
        p.prefill, p.experts);
    std::fflush(stdout);
    result.groups.push_back(std::move(fitted));
  }
  return result;
}

std::string index_text(const std::vector<MeasuredAccelerator>& measured,
                       const std::vector<FittedGroup>& groups) {
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
  text += "\n ],\n \"profiles\": [";
  separator = "\n";
  const auto add = [&](const FittedGroup& fitted, const std::string& engine) {
    const EngineProfile& p = fitted.profile;
    Json line;
    line["engine"] = engine;
    if (!fitted.group.from.empty()) line["from"] = fitted.group.from;
    if (!fitted.group.vendor.empty()) line["vendor"] = fitted.group.vendor;
    if (!fitted.group.accelerator_class.empty()) line["class"] = fitted.group.accelerator_class;
    line["kernels"] = p.kernels;
    line["rows"] = fitted.rows;
    line["cells"] = fitted.cells;
    line["error"] = {digits(fitted.median_error), digits(fitted.p90_error)};
    line["step_us"] = micro(p.step_s);
    line["sequence_us"] = micro(p.sequence_s);
    line["layer_us"] = micro(p.layer_s);
    line["decode_launch_us"] = micro(p.decode_launch_s);
    line["prefill_launch_us"] = micro(p.prefill_launch_s);
    line["graph"] = digits(p.graph);
    line["decode"] = std::max(digits(p.decode), 1.0);
    line["prefill"] = std::max(digits(p.prefill), 1.0);
    line["experts"] = std::max(digits(p.experts), 1.0);
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
    if (generic.group.vendor.empty() && generic.group.from != kGroups.front().from) continue;
    generic.group.from = "";
    if (!generic.group.vendor.empty() && fitted.group.from != "0.6") continue;
    add(generic, "generic");
  }
  for (const FittedGroup& fitted : groups) add(fitted, fitted.group.engine);
  return text + "\n ]\n}\n";
}

}  // namespace tokencast::calibrate
