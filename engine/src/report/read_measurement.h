// Reads what users paste of their own measurements: the summary that `vllm bench serve` or SGLang's
// bench_serving prints, a small CSV, and the lines in which engines log the capacity of their KV
// cache. Anything around them is passed over.
//
// Ignores: medians and percentiles, inter-token latencies, and failed requests.
#ifndef TOKENCAST_REPORT_READ_MEASUREMENT_H_
#define TOKENCAST_REPORT_READ_MEASUREMENT_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "serving/own_measurement.h"
#include "serving/static_batch.h"

namespace tokencast {

struct OwnMeasurement {
  std::vector<OwnRow> rows;
  std::optional<std::int64_t> kv_capacity_tokens;  ///< as the engine logged it last
};

/// What a row does not say is as in the workload. Errors: bad_measurement (params.reason: number,
/// column, cells), measurement_not_understood.
Result<OwnMeasurement> read_measurement(std::string_view text, const Workload& workload);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_READ_MEASUREMENT_H_
