#include "fit_profiles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "accuracy/predict.h"
#include "accuracy/serving_case.h"
#include "accuracy/summary.h"
#include "bands.h"
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
    {"trtllm", "1.1", "", "", "tensorrt-llm"},
    {"trtllm", "1.0", "", "", "tensorrt-llm"},
    {"trtllm", "0.10", "", "", "tensorrt-llm"},
    {"trtllm", "0.1", "", "", "tensorrt-llm"},
    {"llama.cpp", "", "", "", "vllm", true},
    {"llama.cpp", "24.0", "NVIDIA", "datacentre", "vllm", true},
    {"llama.cpp", "24.0", "NVIDIA", "workstation", "vllm", true},
    {"llama.cpp", "24.0", "NVIDIA", "consumer", "vllm", true},
    {"llama.cpp", "24.0", "Apple", "", "vllm", true},
    {"llama.cpp", "25.0", "NVIDIA", "datacentre", "vllm", true},
    {"llama.cpp", "25.0", "NVIDIA", "workstation", "vllm", true},
    {"llama.cpp", "25.0", "NVIDIA", "consumer", "vllm", true},
    {"llama.cpp", "", "NVIDIA", "soc", "vllm", true},
    {"llama.cpp", "25.0", "Apple", "", "vllm", true},
    {"llama.cpp", "", "AMD", "", "vllm", true},
    {"transformers", "4.0", "", "", "vllm"},
    {"transformers", "1.0", "", "", "vllm"},
    {"lmdeploy", "", "", "", "vllm"},
    {"mindie", "", "", "", "vllm"},
    {"tgi", "", "", "", "vllm"},
    {"mlc", "", "", "", "vllm", true},
    {"exllama", "", "", "", "vllm", true},
    {"deepspeed", "", "", "", "vllm"},
};

constexpr std::size_t kMostRowsOfPhase = 6;
constexpr double kScale = 0.1;  // errors beyond it count linearly
constexpr double kNear = 0.2;   // errors beyond it hardly count at all
constexpr double kHold = 0.3;
// Of llama.cpp and its like most cells are one row: of accelerators, which differ.
constexpr double kHoldOfAlike = 1;
// TTFT under load hangs on how requests arrive, which sources seldom say.
constexpr double kShareOfLoaded = 0.25;
constexpr std::int64_t kFewUsers = 4;
constexpr int kStepsOfMean = 10;
constexpr int kStepsOfMost = 24;
constexpr int kFolds = 5;

const std::vector<Bounds> kBounds = {
    {1e-5, 5e-2},  // step_s
    {1e-7, 1e-4},  // sequence_s: of Python, some hundred calls
    {1e-7, 5e-4},  // layer_s
    {1e-6, 3e-2},  // decode_launch_s
    {1e-6, 5e-4},  // prefill_launch_s: some 20 kernels of a layer, from Python
    {0.05, 1.5},   // graph
    {1.0, 8.0},    // decode
    {1.0, 16.0},   // prefill: of int8 kernels in llama.cpp, which keep units waiting
    {0.5, 6.0},    // experts
    {0.5, 6.0},    // decode_experts
    {1e-5, 2e-2},  // request_s: the least TTFT measured, of short prompts, is below twice that
    {1e-7, 1e-3},  // prefill_sequence_s
    {1e-7, 2e-4},  // routed_layer_s: some ten small kernels at most
};

std::vector<double> values_of(const EngineProfile& p) {
  return {p.step_s,           p.sequence_s,     p.layer_s,   p.decode_launch_s,
          p.prefill_launch_s, p.graph,          p.decode,    p.prefill,
          p.experts,          p.decode_experts, p.request_s, p.prefill_sequence_s,
          p.routed_layer_s};
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
  p.decode_experts = values[9];
  p.request_s = values[10];
  p.prefill_sequence_s = values[11];
  p.routed_layer_s = values[12];
}

EngineProfile start_profile(const ProfileGroup& group) {
  EngineProfile p;
  set_values(p, {1e-3, 2e-5, 1e-5, 2e-5, 3e-4, 0.7, 1.1, 1.1, 1.2, 1.1, 1e-2, 5e-6, 1e-5});
  // Prompts in kernels that take weights apart as they go, beside those of 16 bit.
  if (group.engine == "llama.cpp") p.prefill = 2;
  // Eager: each kernel of a layer is launched from Python.
  if (group.engine == "transformers") p.decode_launch_s = p.prefill_launch_s = 6e-4;
  return p;
}

// Beside the peak of int8 units, which are two to four times as fast as those of 16 bit.
constexpr double kPrefillOfInt8 = 4;

bool unpacks_to_int8(const ProfileGroup& group) {
  return group.engine == "llama.cpp" && group.vendor == "NVIDIA" && group.from != "24.0";
}

struct Row {
  std::string id, cell, model_name;
  accuracy::ServingCase serving;
  double measured = 0;
  bool time = false;  ///< seconds, else a rate
  bool prefill = false;
  bool loaded = false;  ///< a TTFT of more than a few users

  double share() const { return loaded ? kShareOfLoaded : 1; }
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

/// Whether a row's time begins with sending a request to a server.
bool tells_of_requests(const Row* row) {
  return row->serving.metric == accuracy::Metric::kTtft &&
         row->serving.kind == accuracy::LoadKind::kRun;
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
    const bool loaded =
        *row.metric == accuracy::Metric::kTtft && read.value().load.users > kFewUsers;
    rows.push_back({row.id, row.cell, row.model, read.value(), row.value, time,
                    is_prefill(*row.metric), loaded});
  }
  return rows;
}

/// At most so many rows of each cell, spread over it, so that searches end.
std::vector<const Row*> thinned(const std::vector<const Row*>& rows) {
  // Apart by phase: sources list the two times of a run in turn.
  std::map<std::tuple<std::string, bool, bool>, std::vector<const Row*>> cells;
  for (const Row* row : rows) cells[{row->cell, row->prefill, row->loaded}].push_back(row);
  std::vector<const Row*> chosen;
  for (const auto& [cell, of_cell] : cells) {
    const std::size_t stride = of_cell.size() / kMostRowsOfPhase + 1;
    for (std::size_t i = 0; i < of_cell.size(); i += stride) chosen.push_back(of_cell[i]);
  }
  return chosen;
}

/// To where all cells pull together, and from there to what most agree on.
using Fits = std::array<EngineProfile, 2>;

Fits fit(const std::vector<const Row*>& all, const EngineProfile& start, double hold,
         accuracy::Predictor& predictor) {
  const std::vector<const Row*> rows = thinned(all);
  std::map<std::string, double> in_cell;
  for (const Row* row : rows) in_cell[row->cell] += row->share();
  EngineProfile profile = start;
  bool near = false;
  const Residuals fill = [&](const std::vector<double>& values, std::vector<double>& residuals) {
    set_values(profile, values);
    predictor.use(profile);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double weight = std::sqrt(rows[i]->share() / in_cell[rows[i]->cell]);
      const double error = residual(*rows[i], predictor);
      residuals[i] = weight * (near ? redescending(error, kNear) : robust(error, kScale));
    }
  };
  const std::vector<double> first = values_of(start);
  const auto from = [&](const std::vector<double>& begin, int steps) {
    return search_steps(kBounds, first, begin, rows.size(), fill, hold, steps).values;
  };
  Fits fits = {start, start};
  const std::vector<double> mean = from(first, kStepsOfMean);
  set_values(fits[0], mean);
  near = true;
  set_values(fits[1], from(mean, kStepsOfMost));
  return fits;
}

/// What each of the fits gives for rows that it has not seen.
using Trials = std::array<std::vector<OutOfFold>, 2>;

/// Which of the fits is better on what is not of this fold (-1: of any).
std::size_t better(const Trials& trials, int without_fold) {
  constexpr double kMost = 0.7;  // a factor of two
  std::array<double, 2> errors = {};
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (const OutOfFold& row : trials[i]) {
      if (row.fold != without_fold) errors[i] += row.weight * std::min(std::abs(row.value), kMost);
    }
  }
  return errors[0] < errors[1] ? 0 : 1;
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

/// Folds of what is left out together: the same in all groups of a family, so that nothing of what
/// is left out is in the profile that a group starts from.
class Folds {
 public:
  Folds(LeaveOut leave_out) : leave_out_(leave_out) {}

  /// Deals what these rows bring that is new, in the order of its names.
  void deal(const std::vector<const Row*>& rows) {
    std::set<std::string> keys;
    for (const Row* row : rows) keys.insert(key_of(*row));
    for (const std::string& key : keys) {
      if (folds_.count(key) > 0) continue;
      folds_[key] = leave_out_ == LeaveOut::kAccelerator ? count_++ : next_++ % kFolds;
    }
    if (leave_out_ != LeaveOut::kAccelerator) count_ = kFolds;
  }

  int count() const { return count_; }
  int of(const Row& row) const { return folds_.at(key_of(row)); }

 private:
  std::string key_of(const Row& row) const {
    switch (leave_out_) {
      case LeaveOut::kAccelerator:
        return row.serving.accelerator->id;
      case LeaveOut::kModel:
        return row.model_name;
      case LeaveOut::kCell:
        break;
    }
    return row.cell;
  }

  LeaveOut leave_out_;
  std::map<std::string, int> folds_;
  int count_ = 0, next_ = 0;
};

/// Predictors that do not know the kernels of one accelerator.
class Predictors {
 public:
  Predictors(const CalibrationSet& calibrations, LeaveOut leave_out)
      : calibrations_(calibrations), leave_out_(leave_out), all_(calibrations) {}

  accuracy::Predictor& all() { return all_; }

  /// For a row that is left out.
  accuracy::Predictor& of(const Row& row) {
    const Accelerator& accelerator = *row.serving.accelerator;
    const bool own = calibrations_.stands_for(accelerator) == accelerator.id;
    if (leave_out_ != LeaveOut::kAccelerator || !own) return all_;
    std::unique_ptr<Without>& without = without_[accelerator.id];
    if (!without) without = std::make_unique<Without>(calibrations_.without(accelerator.id));
    return without->predictor;
  }

 private:
  struct Without {
    explicit Without(CalibrationSet set) : calibrations(std::move(set)), predictor(calibrations) {}
    CalibrationSet calibrations;
    accuracy::Predictor predictor;
  };

  const CalibrationSet& calibrations_;
  LeaveOut leave_out_;
  accuracy::Predictor all_;
  std::map<std::string, std::unique_ptr<Without>> without_;
};

/// What a group gave: fitted to all of its cells, and without each fold.
struct Given {
  EngineProfile all;
  std::map<int, EngineProfile> without;

  EngineProfile of(int fold) const {
    const auto found = without.find(fold);
    return found == without.end() ? all : found->second;
  }
};

/// An engine's groups. A group starts from the last version before it in the list on the same
/// accelerators, else from the first of the family.
struct Family {
  explicit Family(LeaveOut leave_out) : folds(leave_out) {}
  Folds folds;
  bool begun = false;
  Given first;
  std::map<std::pair<std::string, std::string>, Given> by_accelerators;

  const Given& start(const ProfileGroup& group) const {
    const auto found = by_accelerators.find({group.vendor, group.accelerator_class});
    const bool alike = found != by_accelerators.end() && !group.vendor.empty();
    return alike ? found->second : first;
  }
};

void print(const FittedGroup& fitted) {
  const ProfileGroup& group = fitted.group;
  const EngineProfile& p = fitted.profile;
  std::printf(
      "%-13s %-5s %-7s %-11s %5zu rows %3zu cells  unseen median %5.1f %%  P90 %6.1f %%  in band "
      "%3.0f %%   step %.2f ms, %.0f us/seq, %.0f us/layer, launch %.0f %.0f us/layer, graph "
      "%.2f, decode %.2f, prefill %.2f, experts %.2f %.2f, %.0f us/routed layer, request %.1f ms, "
      "prefill %.0f us/seq\n",
      group.engine.c_str(), group.from.c_str(), group.vendor.c_str(),
      group.accelerator_class.c_str(), fitted.rows, fitted.cells, 100 * fitted.median_error,
      100 * fitted.p90_error, 100 * fitted.inside, p.step_s * 1e3, p.sequence_s * 1e6,
      p.layer_s * 1e6, p.decode_launch_s * 1e6, p.prefill_launch_s * 1e6, p.graph, p.decode,
      p.prefill, p.experts, p.decode_experts, p.routed_layer_s * 1e6, p.request_s * 1e3,
      p.prefill_sequence_s * 1e6);
  std::fflush(stdout);
}

}  // namespace

FittedProfiles fit_profiles(const std::string& serving, const std::string& configs,
                            const Presets& presets, const CalibrationSet& calibrations,
                            LeaveOut leave_out) {
  accuracy::Catalogue catalogue(configs, presets);
  Predictors predictors(calibrations, leave_out);
  const std::vector<Row> rows = read_rows(serving, catalogue, predictors.all());
  std::vector<std::vector<const Row*>> by_group(kGroups.size());
  for (const Row& row : rows) {
    if (const auto group = group_of(row.serving)) by_group[*group].push_back(&row);
  }
  FittedProfiles result;
  std::map<std::string, Family> families;
  std::map<std::string, std::size_t> cell_numbers;
  std::vector<OutOfFold> all_residuals;
  std::vector<LogBand> all_bands;
  std::vector<std::pair<const Row*, double>> all_values;
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
    Family& family = families.try_emplace(group.engine, leave_out).first->second;
    const bool first = !family.begun;
    if (first) {
      family.first = Given{start_profile(group), {}};
      // Of programs without a server nothing is known, and little to be expected.
      if (std::none_of(own.begin(), own.end(), tells_of_requests)) family.first.all.request_s = 0;
    }
    family.begun = true;
    const Given started = family.start(group);
    family.folds.deal(own);
    const auto own_of = [&group](EngineProfile profile) {
      profile.kernels = group.kernels;
      profile.dense_experts = group.dense_experts;
      if (unpacks_to_int8(group)) profile.prefill = kPrefillOfInt8;
      return profile;
    };
    FittedGroup fitted;
    fitted.group = group;
    fitted.rows = own.size();
    std::map<std::string, double> in_cell;
    for (const Row* row : own) in_cell[row->cell] += 1;
    fitted.cells = in_cell.size();

    const double hold = group.dense_experts ? kHoldOfAlike : kHold;
    Trials trials;
    std::vector<const Row*> predicted;
    std::map<int, Fits> fits_without;
    for (int fold = 0; fold < family.folds.count(); ++fold) {
      std::vector<const Row*> others, left;
      for (const Row* row : own) (family.folds.of(*row) == fold ? left : others).push_back(row);
      if (left.empty()) continue;
      const EngineProfile start = own_of(started.of(fold));
      const Fits fits =
          others.empty() ? Fits{start, start} : fit(others, start, hold, predictors.all());
      fits_without[fold] = fits;
      predicted.insert(predicted.end(), left.begin(), left.end());
      for (std::size_t i = 0; i < fits.size(); ++i) {
        for (const Row* row : left) {
          accuracy::Predictor& predictor = predictors.of(*row);
          predictor.use(fits[i]);
          const std::size_t cell =
              cell_numbers.try_emplace(row->cell, cell_numbers.size()).first->second;
          trials[i].push_back({residual(*row, predictor), 1 / in_cell[row->cell], cell, fold,
                               row->prefill, class_of(row->serving.model->architecture)});
        }
      }
    }
    // Each fold is predicted by the kind of fit that is better on the others.
    std::map<int, EngineProfile> without;
    for (const auto& [fold, fits] : fits_without) without[fold] = fits[better(trials, fold)];
    std::vector<OutOfFold> residuals;
    residuals.reserve(predicted.size());
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      residuals.push_back(trials[better(trials, trials[0][i].fold)][i]);
    }
    fitted.profile = fit(own, own_of(started.all), hold, predictors.all())[better(trials, -1)];
    fitted.profile.decode_band = band_of(residuals, false, -1);
    fitted.profile.prefill_band = band_of(residuals, true, -1);
    std::vector<accuracy::Weighted> errors;
    std::map<Source, double> known_by;
    double inside = 0;
    double all = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      const OutOfFold& left = residuals[i];
      const Row& row = *predicted[i];
      errors.emplace_back(std::abs(std::exp(-sign_of(row) * left.value) - 1), left.weight);
      // By a band of the other folds, as far as there are any.
      const LogBand band = band_of(residuals, left.prefill, left.fold);
      all += left.weight;
      if (left.value >= band.low && left.value <= band.high) inside += left.weight;
      known_by[predictors.of(row).predict(row.serving).value.source] += left.weight;
      all_residuals.push_back(left);
      all_bands.push_back(band);
      all_values.emplace_back(&row, row.measured * std::exp(-sign_of(row) * left.value));
    }
    fitted.inside = inside / all;
    fitted.median_error = accuracy::weighted_quantile(errors, 0.5);
    fitted.p90_error = accuracy::weighted_quantile(errors, 0.9);
    for (const auto& [source, weight] : known_by) {
      if (weight >= known_by[fitted.profile.known]) fitted.profile.known = source;
    }
    const Given given = {fitted.profile, without};
    if (first) family.first = given;
    family.by_accelerators[{group.vendor, group.accelerator_class}] = given;
    print(fitted);
    result.groups.push_back(std::move(fitted));
  }
  result.widths = widths_of(all_residuals, all_bands);
  for (std::size_t i = 0; i < all_values.size(); ++i) {
    const auto& [row, estimate] = all_values[i];
    const double width =
        result.widths[static_cast<std::size_t>(all_residuals[i].model)][row->prefill ? 0 : 1];
    const LogBand band = {all_bands[i].low * width, all_bands[i].high * width};
    // The slow end of a time is the low end of a rate.
    result.unseen.push_back({row->id, estimate,
                             estimate * std::exp(row->time ? band.low : -band.high),
                             estimate * std::exp(row->time ? band.high : -band.low)});
  }
  return result;
}

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
    if (generic.group.vendor.empty() && generic.group.from != kGroups.front().from) continue;
    generic.group.from = "";
    if (!generic.group.vendor.empty() && fitted.group.from != "0.6") continue;
    add(generic, "generic");
  }
  for (const FittedGroup& fitted : groups) add(fitted, fitted.group.engine);
  return text + "\n ]\n}\n";
}

}  // namespace tokencast::calibrate
