// What a row of results measured, in terms of the engine: a deployment, a load and a metric.
//
// This is where the conventions of each source are known: who counts prompt tokens, how many
// requests a run has, what a blank column means.
#ifndef TOKENCAST_ACCURACY_SERVING_CASE_H_
#define TOKENCAST_ACCURACY_SERVING_CASE_H_

#include <cstdint>
#include <string>

#include "accuracy/catalogue.h"
#include "accuracy/serving_row.h"
#include "serving/engine_limits.h"
#include "serving/request_run.h"

namespace tokencast::accuracy {

enum class LoadKind {
  kStatic,  ///< sequences that start together and decode in lockstep
  kRun      ///< requests of users, by continuous batching
};

struct ServingCase {
  const Model* model = nullptr;
  const Accelerator* accelerator = nullptr;
  Layout layout;
  std::string format;       ///< of the weights, as asked for
  std::int64_t stages = 1;  ///< accelerators that each hold a part of the layers
  Engine engine;
  EngineLimits limits;
  LoadKind kind = LoadKind::kStatic;
  RequestRun load;              ///< of all GPUs together; of a static batch: its users
  std::int64_t first_seen = 1;  ///< the token with which the client sees the first
  Metric metric = Metric::kTpot;
  std::int64_t gpus = 1;
  std::string approximation;  ///< what is not quite as measured; empty: nothing known
};

/// Errors are the reasons why a row cannot be predicted: no_config, no_accelerator,
/// layout_not_modelled, lengths_not_stated, load_not_stated, format_not_modelled, no_link,
/// does_not_fit, inconsistent_measurement, unknown_metric, and those of read_config.
Result<ServingCase> case_of(const ServingRow& row, Catalogue& catalogue);

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_SERVING_CASE_H_
