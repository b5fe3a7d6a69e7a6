// Reads and checks a request.
#ifndef TOKENCAST_REPORT_REQUEST_H_
#define TOKENCAST_REPORT_REQUEST_H_

#include <optional>
#include <string>
#include <vector>

#include "base/engine.h"
#include "base/json_reader.h"
#include "cost/calibration_set.h"
#include "graph/step.h"
#include "hardware/accelerator.h"
#include "memory/allocation.h"
#include "model/architecture.h"
#include "serving/disaggregation.h"
#include "serving/service.h"
#include "serving/static_batch.h"
#include "serving/token_cost.h"
#include "tokencast/tokencast.h"

namespace tokencast {

/// The only version of the wire format so far.
constexpr int kSchema = 1;

/// What the user's own measurement says, as the request has it.
struct Measured {
  std::optional<double> prefill_factor, decode_factor;
  std::optional<double> kv_capacity_factor;
  double prefill_spread = 0, decode_spread = 0;  ///< 0: not given
  std::int64_t rows = 0;                         ///< that it rests on; 0: not said
};

/// What of a workload only a simulation answers.
struct ServiceRequest {
  ServiceLoad load;  ///< of the whole deployment
  std::vector<ServiceLimitOf> limits;
  bool curve = false;
  std::string field;  ///< the first of its fields that the request has; empty: none
};

/// What a request says of speculative decoding beside layout.speculation.
struct SpeculativeRequest {
  std::string method;      ///< "mtp", "draft_model" or "ngram"
  std::string model_name;  ///< the preset's id; empty for a pasted config
};

/// A request whose model, accelerator and deployment are known to go together.
struct Request {
  std::string model_name;  ///< the preset's id; empty for a pasted config
  Architecture architecture;
  Accelerator accelerator;
  Layout layout;
  SpeculativeRequest speculative;  ///< where layout.speculation is
  std::int64_t nodes = 1;
  std::string engine_name;  ///< as the request has it
  Engine engine;
  Allocation allocation;             ///< of memory: the engine's, with what the request sets
  std::optional<HourlyPrice> price;  ///< nothing where neither the user nor the preset has one
  Workload workload;
  ServiceRequest service;
  std::optional<Disaggregation> disaggregation;  ///< of instances, each in the layout
  double utilisation = 1;                        ///< of the article's method
  std::optional<Measured> measured;
  std::vector<Note> notes;  ///< of the model, the accelerator and the deployment
};

/// Errors: those of read_config and read_accelerator, unsupported_schema, unknown_field,
/// unknown_preset, unsupported_quantization, unsupported_layout, illegal_tensor_parallel,
/// illegal_layout, conflicting_fields, no_mtp_layers, needs_expert_parallel,
/// unsupported_offload, no_version, draft_vocabulary.
Result<Request> read_request(const Json& json, const Presets& presets);

/// Returns how the engine schedules: by default, with what the request sets and the profile says.
EngineLimits limits_of(const Request& request, const EngineProfile& profile);

/// Returns what times are known from, the user's own measurement included. Request and calibrations
/// must outlive it.
CostModel cost_model_of(const Request& request, const CalibrationSet& calibrations);

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_REQUEST_H_
