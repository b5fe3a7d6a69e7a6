#include "serving/own_measurement.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "serving/request_run.h"
#include "serving/service.h"

namespace tokencast {
namespace {

using Factors = std::array<double, 2>;  ///< logarithms: of prefill, of decode

// As if this share of a row said that a factor is 1: enough to hold what no row depends on.
constexpr double kHold = 0.01;
// A factor that moves no figure by a tenth of its own change is not known.
constexpr double kDependent = 0.1;
constexpr double kStep = 0.05;
constexpr int kRounds = 8;
// Factors beyond it come from another deployment than the one described.
constexpr double kMostFactor = 20;
constexpr double kSmallestSpread = 0.05;
// Of a benchmark that does not say how many requests it ran.
constexpr std::int64_t kWaves = 4;
constexpr std::int64_t kMostRequests = 4000;

bool is_time(OwnMetric metric) { return metric == OwnMetric::kTtft || metric == OwnMetric::kTpot; }

class Fit {
 public:
  Fit(const OwnServer& server, const std::vector<OwnRow>& rows) : server_(server), rows_(rows) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (std::size_t m = 0; m < kOwnMetrics; ++m) {
        const std::optional<double>& measured = rows[row].measured[m];
        if (measured) {
          fit_.comparisons.push_back({row, static_cast<OwnMetric>(m), *measured, {}, 0});
        }
      }
    }
  }

  OwnFit run() {
    const std::vector<Banded> before = predictions({});
    for (std::size_t i = 0; i < before.size(); ++i) fit_.comparisons[i].predicted = before[i];
    Factors factors = {};
    for (int round = 0; round < kRounds; ++round) improve(factors);
    const std::vector<Banded> after = predictions(factors);
    for (std::size_t i = 0; i < after.size(); ++i) fit_.comparisons[i].fitted = after[i].value;
    if (dependent_[0]) fit_.prefill_factor = exponential(factors[0]);
    if (dependent_[1]) fit_.decode_factor = exponential(factors[1]);
    fit_.spread = spread(after);
    return fit_;
  }

 private:
  /// One for each comparison.
  std::vector<Banded> predictions(const Factors& factors) const {
    Deployment deployment = server_.deployment;
    deployment.cost.profile.own_prefill.factor = exponential(factors[0]);
    deployment.cost.profile.own_decode.factor = exponential(factors[1]);
    std::vector<std::array<Banded, kOwnMetrics>> of_rows;
    of_rows.reserve(rows_.size());
    for (const OwnRow& row : rows_) of_rows.push_back(of_row(deployment, row));
    std::vector<Banded> all;
    all.reserve(fit_.comparisons.size());
    for (const OwnComparison& c : fit_.comparisons) {
      all.push_back(of_rows[c.row][static_cast<std::size_t>(c.metric)]);
    }
    return all;
  }

  std::array<Banded, kOwnMetrics> of_row(const Deployment& deployment, const OwnRow& row) const {
    const std::int64_t schedulers = deployment.layout->schedulers();
    RequestRun run;
    run.users = largest_share(row.users, schedulers);
    const std::int64_t asked = row.requests > 0 ? row.requests / schedulers : kWaves * run.users;
    run.requests = std::clamp(asked, run.users, std::max(run.users, kMostRequests));
    run.input_tokens = row.input_tokens;
    run.output_tokens = row.output_tokens;
    StepTable table(
        [&deployment](const std::vector<Step>& parts) { return step_time(deployment, parts); },
        row.input_tokens, row.output_tokens);
    ServiceLoad lengths;
    lengths.input_tokens = static_cast<double>(row.input_tokens);
    lengths.output_tokens = static_cast<double>(row.output_tokens);
    const double held = lengths.output_tokens / (server_.limits.reserves_output ? 1 : 2);
    const std::int64_t places =
        kv_pool(deployment, server_.allocation, lengths)
            .sequences_of(lengths.input_tokens + held, server_.limits.max_sequences);
    const RunResult result = simulate(run, server_.limits, places, table);
    const auto all = static_cast<double>(schedulers);
    const double requests = all * static_cast<double>(run.requests);
    const double outputs = all * result.output_tokens;
    return {result.ttft_s, result.tpot_s, rate_of(outputs, result.duration_s),
            rate_of(outputs + all * result.prompt_tokens, result.duration_s),
            rate_of(requests, result.duration_s)};
  }

  /// log(measured / predicted) of a time, the reverse of a rate.
  double residual(std::size_t i, const Banded& predicted) const {
    const OwnComparison& c = fit_.comparisons[i];
    const double ratio = logarithm(c.measured / predicted.value);
    return is_time(c.metric) ? ratio : -ratio;
  }

  /// A round of Gauss-Newton with derivatives by differences.
  void improve(Factors& factors) {
    const std::vector<Banded> here = predictions(factors);
    std::array<std::vector<double>, 2> slopes;
    for (std::size_t f = 0; f < 2; ++f) {
      Factors moved = factors;
      moved[f] += kStep;
      const std::vector<Banded> there = predictions(moved);
      dependent_[f] = false;
      for (std::size_t i = 0; i < here.size(); ++i) {
        slopes[f].push_back((residual(i, here[i]) - residual(i, there[i])) / kStep);
        dependent_[f] = dependent_[f] || slopes[f].back() > kDependent;
      }
    }
    double a = kHold;
    double b = 0;
    double d = kHold;
    double u = -kHold * factors[0];
    double v = -kHold * factors[1];
    for (std::size_t i = 0; i < here.size(); ++i) {
      const double r = residual(i, here[i]);
      a += slopes[0][i] * slopes[0][i];
      b += slopes[0][i] * slopes[1][i];
      d += slopes[1][i] * slopes[1][i];
      u += slopes[0][i] * r;
      v += slopes[1][i] * r;
    }
    const double determinant = a * d - b * b;
    const double most = logarithm(kMostFactor);
    factors[0] = std::clamp(factors[0] + (d * u - b * v) / determinant, -most, most);
    factors[1] = std::clamp(factors[1] + (a * v - b * u) / determinant, -most, most);
  }

  /// What is left of the rows, and the profile's band as if it were one row more.
  double spread(const std::vector<Banded>& fitted) const {
    double squares = 0;
    for (std::size_t i = 0; i < fitted.size(); ++i) {
      const double r = residual(i, fitted[i]);
      const Banded& before = fit_.comparisons[i].predicted;
      const double half = logarithm(before.high / before.low) / 2;
      squares += r * r + half * half / static_cast<double>(fitted.size());
    }
    const double mean = squares / static_cast<double>(fitted.size() + 1);
    return std::max(std::sqrt(mean), kSmallestSpread);
  }

  const OwnServer& server_;
  const std::vector<OwnRow>& rows_;
  OwnFit fit_;
  std::array<bool, 2> dependent_{};
};

}  // namespace

std::string_view name_of(OwnMetric metric) {
  static constexpr std::array<std::string_view, kOwnMetrics> kNames = {
      "ttft_s", "tpot_s", "output_tokens_per_s", "total_tokens_per_s", "requests_per_s"};
  return kNames[static_cast<std::size_t>(metric)];
}

OwnFit fit_own(const OwnServer& server, const std::vector<OwnRow>& rows) {
  return Fit(server, rows).run();
}

}  // namespace tokencast
