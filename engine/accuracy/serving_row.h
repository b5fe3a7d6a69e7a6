// A row of published serving results, as measured/serving's CSV files have them.
#ifndef TOKENCAST_ACCURACY_SERVING_ROW_H_
#define TOKENCAST_ACCURACY_SERVING_ROW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accuracy/csv.h"
#include "base/engine.h"

namespace tokencast::accuracy {

enum class Metric {
  kTtft,        ///< ms, mean over requests
  kTpot,        ///< ms, without the first token
  kOutputRate,  ///< output tokens/s over the whole run, of the whole deployment
  kOutputRatePerGpu,
  kTotalRate,    ///< prompt and output tokens/s over the whole run
  kDecodeRate,   ///< output tokens/s of the decode phase alone, over all sequences
  kPrefillRate,  ///< prompt tokens/s of the prefill alone
  kMemory        ///< GiB allocated, over all GPUs
};

/// Texts as the file has them; numbers that are blank or words are nothing.
struct ServingRow {
  std::string id, set, cell, model, config, gpu_id, gpu, weights, weights_as_stated, kv_cache;
  std::string engine_text, load, metric_name, mode, notes;
  Engine engine;
  std::optional<Metric> metric;
  std::int64_t gpus = 1;
  std::optional<std::int64_t> tp, pp, ep;
  std::optional<double> concurrency;  ///< or the size of a static batch
  std::optional<double> input_tokens, output_tokens;
  double value = 0;
};

ServingRow read_serving_row(const CsvTable& table, const std::vector<std::string>& fields);

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_SERVING_ROW_H_
