#include "report/compare.h"

#include "memory/memory_plan.h"
#include "report/engine_request.h"
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

/// What to add to a request as "measured"; null where nothing was measured that it could scale.
OrderedJson write_factors(const OwnFit& fit, const std::optional<double>& kv_capacity,
                          std::size_t rows) {
  if (!fit.prefill_factor && !fit.decode_factor && !kv_capacity) return {};
  OrderedJson json = OrderedJson::object();
  if (fit.prefill_factor) {
    json["prefill_time_factor"] = *fit.prefill_factor;
    json["prefill_time_spread"] = fit.spread;
  }
  if (fit.decode_factor) {
    json["decode_time_factor"] = *fit.decode_factor;
    json["decode_time_spread"] = fit.spread;
  }
  if (kv_capacity) json["kv_capacity_factor"] = *kv_capacity;
  if (rows > 0) json["rows"] = rows;
  return json;
}

/// The capacity in tokens, whatever factor the request has.
std::int64_t kv_capacity_of(const Request& request) {
  Allocation allocation = request.allocation;
  allocation.kv_pool_factor = 1;
  const Load load = {1, request.workload.input_tokens + request.workload.output_tokens};
  return plan_memory(request.architecture, request.layout, request.accelerator, allocation, load)
      .kv_capacity_tokens;
}

}  // namespace

std::string compare_request(const Request& request, std::string_view text,
                            const CalibrationSet& calibrations) {
  const Result<OwnMeasurement> read = read_measurement(text, request.workload);
  if (!read.ok()) return write_error(read.error());
  const OwnMeasurement& own = read.value();
  Allocation allocation = request.allocation;
  const std::int64_t predicted = own.kv_capacity_tokens ? kv_capacity_of(request) : 0;
  const auto measured = static_cast<double>(own.kv_capacity_tokens.value_or(0));
  std::optional<double> kv_factor;
  if (predicted > 0 && measured > 0) kv_factor = measured / static_cast<double>(predicted);
  // Without the factors that the request may have already: those found here take their place.
  allocation.kv_pool_factor = kv_factor.value_or(1);
  const CostModel cost = calibrations.model(request.accelerator, request.engine);
  const OwnServer server = {
      {&request.architecture, &request.layout, cost}, limits_of(request, cost.profile), allocation};

  OwnFit fit;
  if (!own.rows.empty()) fit = fit_own(server, own.rows);
  OrderedJson rows = OrderedJson::array();
  for (const OwnComparison& c : fit.comparisons) {
    rows.push_back(write_comparison(c, own.rows[c.row]));
  }
  OrderedJson result =
      object({{"rows", rows}, {"measured", write_factors(fit, kv_factor, own.rows.size())}});
  result["engine_profile"] = write_profile(request, cost.profile);
  if (own.kv_capacity_tokens) {
    result["kv_capacity_tokens"] = object({{"measured", *own.kv_capacity_tokens},
                                           {"predicted", predicted},
                                           {"ratio", static_cast<double>(predicted) / measured}});
  }
  return write_response(std::move(result), request.notes);
}

}  // namespace tokencast
