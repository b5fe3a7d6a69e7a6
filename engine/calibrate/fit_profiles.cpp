#include "fit_profiles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "accuracy/predict.h"
#include "accuracy/serving_case.h"
#include "accuracy/summary.h"
#include "bands.h"
#include "profile_groups.h"
#include "profile_values.h"
#include "search.h"

namespace tokencast::calibrate {
namespace {

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
    return search_steps(profile_bounds(), first, begin, rows.size(), fill, hold, steps).values;
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
      "%.2f, decode %.2f, prefill %.2f, experts %.2f %.2f, %.0f us/routed layer, %.0f us/shared "
      "layer, request %.1f ms, "
      "prefill %.0f us/seq\n",
      group.engine.c_str(), group.from.c_str(), group.vendor.c_str(),
      group.accelerator_class.c_str(), fitted.rows, fitted.cells, 100 * fitted.median_error,
      100 * fitted.p90_error, 100 * fitted.inside, p.step_s * 1e3, p.sequence_s * 1e6,
      p.layer_s * 1e6, p.decode_launch_s * 1e6, p.prefill_launch_s * 1e6, p.graph, p.decode,
      p.prefill, p.experts, p.decode_experts, p.routed_layer_s * 1e6, p.shared_layer_s * 1e6,
      p.request_s * 1e3, p.prefill_sequence_s * 1e6);
  std::fflush(stdout);
}

}  // namespace

FittedProfiles fit_profiles(const std::string& serving, const std::string& configs,
                            const Presets& presets, const CalibrationSet& calibrations,
                            LeaveOut leave_out) {
  accuracy::Catalogue catalogue(configs, presets);
  Predictors predictors(calibrations, leave_out);
  const std::vector<Row> rows = read_rows(serving, catalogue, predictors.all());
  std::vector<std::vector<const Row*>> by_group(profile_groups().size());
  for (const Row& row : rows) {
    if (const auto group = profile_group_of(row.serving)) by_group[*group].push_back(&row);
  }
  FittedProfiles result;
  std::map<std::string, Family> families;
  std::map<std::string, std::size_t> cell_numbers;
  std::vector<OutOfFold> all_residuals;
  std::vector<LogBand> all_bands;
  std::vector<std::pair<const Row*, double>> all_values;
  for (std::size_t g = 0; g < profile_groups().size(); ++g) {
    const ProfileGroup& group = profile_groups()[g];
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
      return profile;
    };
    FittedGroup fitted;
    fitted.group = group;
    fitted.rows = own.size();
    std::map<std::string, double> in_cell;
    for (const Row* row : own) {
      in_cell[row->cell] += 1;
      const Engine& engine = row->serving.engine;
      if (!engine.versioned()) continue;
      if (!fitted.versions) fitted.versions.emplace();
      fitted.versions->add(engine);
    }
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

}  // namespace tokencast::calibrate
