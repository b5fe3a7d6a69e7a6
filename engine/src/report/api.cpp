// The public functions: parse, compute, write. The only place that catches.
#include <exception>
#include <optional>
#include <utility>

#include "cost/read_calibration.h"
#include "hardware/read_accelerator.h"
#include "model/config.h"
#include "report/compare.h"
#include "report/engine_request.h"
#include "report/kernel_request.h"
#include "report/request.h"
#include "report/write.h"
#include "report/write_model.h"
#include "report/write_service.h"
#include "tokencast/tokencast.h"
#include "tokencast/version.h"

namespace tokencast {
namespace {

/// Runs answer. What a user writes never throws in this engine; what still does (memory, a fault of
/// ours) ends here.
template <class Answer>
std::string guarded(const Answer& answer) {
  try {
    return answer();
  } catch (const std::exception& fault) {
    return write_error({"internal",
                        "",
                        std::string("The engine failed: ") + fault.what(),
                        "this is a fault of the engine: please report the request",
                        {}});
  }
}

/// Runs answer on a request that can be read.
template <class Answer>
std::string answered(std::string_view request, const Presets& presets,
                     const CalibrationSet& calibrations, const Answer& answer) {
  return guarded([&] {
    const Result<Json> json = parse_json(request, kMaxRequestBytes);
    if (!json.ok()) return write_error(json.error());
    Result<Request> read = read_request(json.value(), presets);
    if (!read.ok()) return write_error(read.error());
    Request& asked = read.value();
    if (const auto note = version_note(asked, calibrations)) asked.notes.push_back(*note);
    return answer(asked, json.value());
  });
}

/// Of what only simulate answers.
Error needs_simulate(const std::string& path, const std::string& field,
                     const std::string& function) {
  return Error{"needs_simulate",
               path,
               function + " does not know " + field,
               "ask simulate, or leave it out",
               {{"field", field}}};
}

const char* const kDisaggregationPath = "/deployment/disaggregation";

/// Notes on how the answer is to be read.
std::vector<Note> notes_on(const Request& request, const MemoryPlan& memory) {
  std::vector<Note> notes = request.notes;
  const std::int64_t context = request.workload.input_tokens + request.workload.output_tokens;
  const std::int64_t most = request.architecture.max_context;
  if (most > 0 && context > most) {
    notes.push_back({"beyond_max_context",
                     "Prompt and output of " + std::to_string(context) +
                         " tokens are longer than the model's context of " + std::to_string(most),
                     {{"tokens", std::to_string(context)}, {"maximum", std::to_string(most)}}});
  }
  if (!memory.fits) {
    notes.push_back({"does_not_fit",
                     "It does not fit: the times are what it would give if memory sufficed",
                     {}});
  }
  if (request.workload.output_tokens == 1) {
    notes.push_back({"tpot_undefined", "One output token has no time between tokens", {}});
  }
  return notes;
}

ArticleInput article_input(const Request& request) {
  const double peak = request.accelerator.peak(request.layout.linear_compute);
  return {request.workload.input_tokens, request.workload.output_tokens,
          request.workload.concurrency, peak * static_cast<double>(request.layout.gpus()),
          request.utilisation};
}

std::string estimate_request(const Request& request, const CalibrationSet& calibrations) {
  const CostModel cost_model = cost_model_of(request, calibrations);
  const StaticBatch batch =
      run_static_batch(request.architecture, request.layout, cost_model, request.workload);
  // Of one replica, which has an equal share of the sequences.
  const std::int64_t replicas = request.layout.dp;
  const Load load = {largest_share(request.workload.concurrency, replicas),
                     request.workload.input_tokens + request.workload.output_tokens};
  MemoryPlan memory = plan_memory(request.architecture, request.layout, request.accelerator,
                                  request.allocation, load);
  std::vector<FitChange> to_fit = changes_to_fit(request.architecture, request.layout,
                                                 request.accelerator, request.allocation, load);
  memory.max_concurrency *= replicas;
  for (FitChange& change : to_fit) {
    auto* count = std::get_if<std::int64_t>(&change.value);
    if (count != nullptr && change.change == "concurrency") *count *= replicas;
    if (change.change != "offload") continue;
    const Offload offload = {static_cast<double>(*count), request.layout.offload.kv_bytes};
    const Layout fitting = offloaded(request.architecture, request.layout, request.accelerator,
                                     request.allocation, load, offload);
    const auto tpot_s =
        run_static_batch(request.architecture, fitting, cost_model, request.workload).tpot_s;
    if (tpot_s) change.tpot_s = tpot_s->value;
  }
  const Article article = article_method(request.architecture, article_input(request));
  OrderedJson result = write_estimate(request, batch, memory, to_fit, article);
  result["engine_profile"] = write_profile(request, cost_model.profile);
  return write_response(std::move(result), notes_on(request, memory));
}

}  // namespace

Calibrations::Calibrations() : set_(std::make_shared<CalibrationSet>()) {}

std::string Calibrations::add(std::string_view text) {
  return guarded([&] {
    const Result<Json> json = parse_json(text);
    if (!json.ok()) return write_error(json.error());
    const std::optional<Error> error = add_file(*set_, json.value());
    return error ? write_error(*error) : std::string();
  });
}

std::string estimate(std::string_view request, const Presets& presets,
                     const Calibrations& calibrations) {
  return answered(request, presets, calibrations.set(), [&](const Request& asked, const Json&) {
    const std::string& field = asked.service.field;
    if (!field.empty()) {
      return write_error(needs_simulate("/workload/" + field, field, "estimate"));
    }
    if (asked.disaggregation) {
      return write_error(needs_simulate(kDisaggregationPath, "disaggregation", "estimate"));
    }
    return estimate_request(asked, calibrations.set());
  });
}

std::string simulate(std::string_view request, const Presets& presets,
                     const Calibrations& calibrations,
                     const std::function<void(double)>& progress) {
  return answered(
      request, presets, calibrations.set(), [&](const Request& asked, const Json& json) {
        const Load load = {1, asked.workload.input_tokens + asked.workload.output_tokens};
        const MemoryPlan memory = plan_memory(asked.architecture, asked.layout, asked.accelerator,
                                              asked.allocation, load);
        return simulate_request({&asked, &json, &presets}, calibrations.set(),
                                notes_on(asked, memory), progress);
      });
}

std::string compare(std::string_view request, std::string_view measurement, const Presets& presets,
                    const Calibrations& calibrations) {
  return answered(request, presets, calibrations.set(), [&](const Request& asked, const Json&) {
    if (asked.disaggregation) {
      return write_error(needs_simulate(kDisaggregationPath, "disaggregation", "compare"));
    }
    return compare_request(asked, measurement, calibrations.set());
  });
}

std::string calibration_of(std::string_view accelerator, const Calibrations& calibrations) {
  return guarded([&] {
    const Result<Json> json = parse_json(accelerator);
    if (!json.ok()) return write_error(json.error());
    const Result<Accelerator> read = read_accelerator(json.value(), "");
    if (!read.ok()) return write_error(read.error());
    const std::string id = calibrations.set().stands_for(read.value());
    return write_response(object({{"calibration", id.empty() ? OrderedJson() : OrderedJson(id)}}),
                          {});
  });
}

std::string kernel(std::string_view request, const Presets& presets,
                   const Calibrations& calibrations) {
  return guarded([&] {
    const Result<Json> json = parse_json(request);
    if (!json.ok()) return write_error(json.error());
    return answer_kernel(json.value(), presets, calibrations.set());
  });
}

std::string describe(std::string_view config, int choice) {
  return guarded([&] {
    const Result<Architecture> read = read_pasted_config(config, choice, "");
    if (!read.ok()) return write_error(read.error());
    const Architecture& architecture = read.value();
    const Quantization& quantization = architecture.quantization;
    return write_response(
        write_model("", architecture, quantization.understood ? &architecture.formats : nullptr,
                    architecture.dtype),
        {});
  });
}

std::string version() {
  return guarded([] { return write_response({{"version", kVersion}, {"schema", kSchema}}, {}); });
}

}  // namespace tokencast
