#include "report/compare.h"

#include "memory/memory_plan.h"
#include "report/read_measurement.h"
#include "report/write.h"
#include "serving/own_measurement.h"

namespace tokencast {
namespace {

OrderedJson write_comparison(const OwnComparison& c, const OwnRow& row) {
  return object({{"line", row.line},
                 {"input_tokens", row.input_tokens},
                 {"output_tokens", row.output_tokens},
                 {"concurrency", row.users},
                 {"metric", std::string(name_of(c.metric))},
                 {"measured", c.measured},
                 {"predicted", c.predicted.value},
                 {"low", c.predicted.low},
                 {"high", c.predicted.high},
                 {"ratio", c.predicted.value / c.measured},
                 {"with_factors", c.fitted}});
}

/// What to add to a request as "measured"; null where the rows say nothing of times.
OrderedJson write_factors(const OwnFit& fit, std::size_t rows) {
  if (!fit.prefill_factor && !fit.decode_factor) return {};
  OrderedJson json = OrderedJson::object();
  if (fit.prefill_factor) {
    json["prefill_time_factor"] = *fit.prefill_factor;
    json["prefill_time_spread"] = fit.spread;
  }
  if (fit.decode_factor) {
    json["decode_time_factor"] = *fit.decode_factor;
    json["decode_time_spread"] = fit.spread;
  }
  json["rows"] = rows;
  return json;
}

}  // namespace

std::string compare_request(const Request& request, std::string_view text,
                            const CalibrationSet& calibrations) {
  const Result<OwnMeasurement> read = read_measurement(text, request.workload);
  if (!read.ok()) return write_error(read.error());
  const OwnMeasurement& own = read.value();
  // Without the factors that the request may have already: those found here take their place.
  const CostModel cost = calibrations.model(request.accelerator, request.engine);
  const OwnServer server = {{&request.architecture, &request.layout, cost},
                            limits_of(request, cost.profile),
                            request.allocation};

  OwnFit fit;
  if (!own.rows.empty()) fit = fit_own(server, own.rows);
  OrderedJson rows = OrderedJson::array();
  for (const OwnComparison& c : fit.comparisons) {
    rows.push_back(write_comparison(c, own.rows[c.row]));
  }
  OrderedJson result = object({{"rows", rows}, {"measured", write_factors(fit, own.rows.size())}});
  if (own.kv_capacity_tokens) {
    const Load load = {1, request.workload.input_tokens + request.workload.output_tokens};
    const MemoryPlan memory = plan_memory(request.architecture, request.layout, request.accelerator,
                                          request.allocation, load);
    const auto measured = static_cast<double>(*own.kv_capacity_tokens);
    result["kv_capacity_tokens"] =
        object({{"measured", *own.kv_capacity_tokens},
                {"predicted", memory.kv_capacity_tokens},
                {"ratio", static_cast<double>(memory.kv_capacity_tokens) / measured}});
  }
  return write_response(std::move(result), request.notes);
}

}  // namespace tokencast
