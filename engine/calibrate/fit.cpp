#include "fit.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "search.h"

namespace tokencast::calibrate {
namespace {

constexpr int kFolds = 5;
constexpr double kRobustScale = 0.05;  // residuals beyond it count linearly
/// Weights of a surface's bends and slopes against one sample.
struct Smoothness {
  double curvature, slope;
};
// Chosen by the error on unseen geometries: experts are measured at few, which a pliant surface
// would learn by heart.
constexpr Smoothness kPliant = {0.08, 0.004};
constexpr Smoothness kStiff = {2, 0.5};
Smoothness smoothness_of(std::string_view kernel_class) {
  return kernel_class.find("experts/") != std::string_view::npos ? kStiff : kPliant;
}
constexpr double kRidge = 1e-4;
constexpr int kReweightings = 6;
constexpr std::size_t kMostForParameters = 4000;

// ---- Parameters

const std::vector<Bounds> kBounds = {
    {1e-7, 4e-4},   // overhead_s
    {1e-10, 1e-4},  // latency_s
    {0.02, 1.0},    // compute
    {0.02, 1.0},    // memory
    {0.02, 1.0},    // link
    {1.0, 16.0},    // overlap
};
constexpr double kParameterScale = 0.1;
constexpr double kHold = 0.01;
constexpr int kMostCalls = 400;

CurveParameters parameters_of(const std::vector<double>& values) {
  return {values[0], values[1], values[2], values[3], values[4], values[5]};
}

CurveParameters fit_parameters(const std::vector<Sample>& samples) {
  std::vector<const Sample*> chosen;
  const std::size_t stride = samples.size() / kMostForParameters + 1;
  for (std::size_t i = 0; i < samples.size(); i += stride) chosen.push_back(&samples[i]);
  const Residuals fill = [&](const std::vector<double>& values, std::vector<double>& residuals) {
    const CurveParameters parameters = parameters_of(values);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const double estimate_s = base_time(parameters, chosen[i]->peak);
      residuals[i] = robust(std::log(chosen[i]->measured_s / estimate_s), kParameterScale);
    }
  };
  const Found large =
      search(kBounds, {4e-6, 2e-8, 0.7, 0.8, 0.7, 3}, chosen.size(), fill, kHold, kMostCalls);
  const Found small =
      search(kBounds, {2e-5, 1e-6, 0.3, 0.4, 0.3, 1.5}, chosen.size(), fill, kHold, kMostCalls);
  return parameters_of(small.norm < large.norm ? small.values : large.values);
}

// ---- Surfaces

/// Adds weight · (Σ factor · value)² to the quadratic form.
void add_square(Eigen::MatrixXd& form, const std::vector<std::pair<std::size_t, double>>& terms,
                double weight) {
  for (const auto& [i, a] : terms) {
    for (const auto& [j, b] : terms) {
      form(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) += weight * a * b;
    }
  }
}

/// The penalty on bends and slopes of one grid whose values begin at offset.
void add_penalty(Eigen::MatrixXd& form, const Axes& axes, std::size_t offset,
                 const Smoothness& smoothness) {
  const std::size_t size = size_of(axes);
  std::size_t stride = size;
  for (const Axis& axis : axes) {
    const Knots& knots = axis.knots;
    stride /= knots.size();
    for (std::size_t cell = 0; cell < size; ++cell) {
      const std::size_t at = cell / stride % knots.size();
      const std::size_t index = offset + cell;
      if (at + 1 < knots.size()) {
        const double gap = knots[at + 1] - knots[at];
        add_square(form, {{index, 1 / std::sqrt(gap)}, {index + stride, -1 / std::sqrt(gap)}},
                   smoothness.slope);
      }
      if (at + 2 < knots.size()) {
        const double first = knots[at + 1] - knots[at];
        const double second = knots[at + 2] - knots[at + 1];
        const double width = std::sqrt((first + second) / 2);
        add_square(form,
                   {{index, width / first},
                    {index + stride, -width * (1 / first + 1 / second)},
                    {index + 2 * stride, width / second}},
                   smoothness.curvature);
      }
    }
  }
}

std::vector<std::vector<double>> fit_surfaces(std::span<const Axes> grids,
                                              const CurveParameters& parameters,
                                              const std::vector<Sample>& samples,
                                              const Smoothness& smoothness) {
  std::size_t unknowns = 0;
  std::vector<std::size_t> offsets;
  for (const Axes& axes : grids) {
    offsets.push_back(unknowns);
    unknowns += size_of(axes);
  }
  const auto count = static_cast<Eigen::Index>(unknowns);
  Eigen::MatrixXd penalty = Eigen::MatrixXd::Identity(count, count) * kRidge;
  for (std::size_t g = 0; g < grids.size(); ++g) {
    add_penalty(penalty, grids[g], offsets[g], smoothness);
  }

  std::vector<std::vector<std::pair<std::size_t, double>>> terms(samples.size());
  std::vector<double> wanted(samples.size());
  for (std::size_t s = 0; s < samples.size(); ++s) {
    wanted[s] = std::log(samples[s].measured_s / base_time(parameters, samples[s].peak));
    for (std::size_t g = 0; g < grids.size(); ++g) {
      visit_corners(grids[g], samples[s].coordinates.data(), [&](std::size_t index, double weight) {
        terms[s].emplace_back(offsets[g] + index, weight);
      });
    }
  }
  std::vector<double> weights(samples.size(), 1.0);
  Eigen::VectorXd values = Eigen::VectorXd::Zero(count);
  for (int round = 0; round < kReweightings; ++round) {
    Eigen::MatrixXd form = penalty;
    Eigen::VectorXd right = Eigen::VectorXd::Zero(count);
    for (std::size_t s = 0; s < samples.size(); ++s) {
      for (const auto& [i, a] : terms[s]) {
        const double weighted = weights[s] * a;
        right[static_cast<Eigen::Index>(i)] += weighted * wanted[s];
        for (const auto& [j, b] : terms[s]) {
          // The lower half is enough for the decomposition.
          if (j <= i) {
            form(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) += weighted * b;
          }
        }
      }
    }
    values = form.selfadjointView<Eigen::Lower>().llt().solve(right);
    for (std::size_t s = 0; s < samples.size(); ++s) {
      double estimate = 0;
      for (const auto& [i, a] : terms[s]) estimate += a * values[static_cast<Eigen::Index>(i)];
      weights[s] = kRobustScale / std::max(std::abs(wanted[s] - estimate), kRobustScale);
    }
  }
  std::vector<std::vector<double>> surfaces;
  for (std::size_t g = 0; g < grids.size(); ++g) {
    const double* first = values.data() + offsets[g];
    surfaces.emplace_back(first, first + size_of(grids[g]));
  }
  return surfaces;
}

}  // namespace

Curve fit_curve(std::string_view kernel_class, const std::vector<Sample>& samples) {
  Curve curve;
  curve.parameters = fit_parameters(samples);
  const std::span<const Axes> grids = grids_of(kernel_class);
  if (!grids.empty())
    curve.surfaces = fit_surfaces(grids, curve.parameters, samples, smoothness_of(kernel_class));
  return curve;
}

std::vector<double> predict_unseen(std::string_view kernel_class,
                                   const std::vector<Sample>& samples) {
  // Geometries are dealt to folds in the order in which they appear, so that each gets as many.
  std::vector<std::size_t> geometries;
  geometries.reserve(samples.size());
  for (const Sample& sample : samples) geometries.push_back(sample.geometry);
  std::sort(geometries.begin(), geometries.end());
  geometries.erase(std::unique(geometries.begin(), geometries.end()), geometries.end());
  const auto fold_of = [&](const Sample& sample) {
    const auto at = std::lower_bound(geometries.begin(), geometries.end(), sample.geometry);
    return static_cast<int>((at - geometries.begin()) % kFolds);
  };
  std::vector<double> predicted(samples.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<Sample> others;
    for (const Sample& sample : samples) {
      if (fold_of(sample) != fold) others.push_back(sample);
    }
    if (others.empty() || others.size() == samples.size()) continue;
    const Curve curve = fit_curve(kernel_class, others);
    for (std::size_t s = 0; s < samples.size(); ++s) {
      if (fold_of(samples[s]) != fold) continue;
      predicted[s] = time_of(curve, kernel_class, samples[s].peak, samples[s].coordinates);
    }
  }
  return predicted;
}

}  // namespace tokencast::calibrate
