#include "report/write.h"

#include <algorithm>
#include <cmath>

#include "graph/speculation.h"
#include "report/write_model.h"

namespace tokencast {
namespace {

OrderedJson params_json(const Params& params) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [name, value] : params) json[name] = value;
  return json;
}

bool all_finite(const OrderedJson& json) {
  if (json.is_number_float()) return std::isfinite(json.get<double>());
  return !json.is_structured() || std::all_of(json.begin(), json.end(), all_finite);
}

OrderedJson write_quantity(const Quantity& quantity) {
  return object({{"value", quantity.value},
                 {"low", quantity.low},
                 {"high", quantity.high},
                 {"bound", name_of(quantity.bound)},
                 {"source", name_of(quantity.source)}});
}

OrderedJson write_quantity(const std::optional<Quantity>& quantity) {
  return quantity ? write_quantity(*quantity) : OrderedJson();
}

Quantity per_accelerator(const Quantity& quantity, std::int64_t accelerators) {
  const auto share = static_cast<double>(accelerators);
  return {quantity.value / share, quantity.low / share, quantity.high / share, quantity.bound,
          quantity.source};
}

OrderedJson write_operator(const OperatorCost& cost) {
  return object({{"name", cost.op.name},
                 {"kind", kind_of(cost.op)},
                 {"shape", shape_text(cost.op)},
                 {"count", whole(cost.op.count)},
                 {"flops", cost.flops},
                 {"bytes", cost.bytes.total()},
                 {"link_bytes", cost.link_bytes},
                 {"compute_s", cost.parts.compute_s},
                 {"memory_s", cost.parts.memory_s},
                 {"link_s", cost.parts.link_s},
                 {"overhead_s", cost.parts.overhead_s},
                 {"time_s", cost.time_s},
                 {"bound", name_of(cost.bound)},
                 {"source", name_of(cost.source)}});
}

OrderedJson write_step(const StepCost& step) {
  OrderedJson operators = OrderedJson::array();
  for (const OperatorCost& cost : step.operators) operators.push_back(write_operator(cost));
  OrderedJson json = object({{"time_s", step.time_s},
                             {"flops", step.flops},
                             {"bytes", step.bytes},
                             {"compute_s", step.parts.compute_s},
                             {"memory_s", step.parts.memory_s},
                             {"link_s", step.parts.link_s},
                             {"overhead_s", step.parts.overhead_s},
                             {"bound", name_of(step.bound)},
                             {"source", name_of(step.source)},
                             {"operators", std::move(operators)}});
  if (step.overlapped_s > 0) json["overlapped_s"] = step.overlapped_s;
  return json;
}

OrderedJson write_memory(const Layout& layout, const MemoryPlan& memory,
                         const std::vector<FitChange>& to_fit) {
  OrderedJson changes = OrderedJson::array();
  for (const FitChange& change : to_fit) {
    OrderedJson json = object({{"change", change.change}});
    std::visit([&json](const auto& value) { json["value"] = value; }, change.value);
    if (change.change == "tp") {
      json["gpus"] = std::get<std::int64_t>(change.value) * layout.pp * layout.dp;
    }
    json["free_bytes"] = whole_bytes(change.free_bytes);
    if (change.tpot_s > 0) json["tpot_s"] = change.tpot_s;
    changes.push_back(json);
  }
  return object({{"weight_bytes", whole_bytes(memory.weight_bytes)},
                 {"tower_bytes", whole_bytes(memory.tower_bytes)},
                 {"kv_bytes", whole_bytes(memory.kv_bytes)},
                 {"state_bytes", whole_bytes(memory.state_bytes)},
                 {"activation_bytes", whole_bytes(memory.activation_bytes)},
                 {"other_bytes", whole_bytes(memory.other_bytes())},
                 {"runtime_bytes", whole_bytes(memory.runtime_bytes)},
                 {"communication_bytes", whole_bytes(memory.communication_bytes)},
                 {"graph_bytes", whole_bytes(memory.graph_bytes)},
                 {"used_bytes", whole_bytes(memory.used_bytes())},
                 {"free_bytes", whole_bytes(memory.free_bytes())},
                 {"missing_bytes", whole_bytes(memory.missing_bytes())},
                 {"kv_pool_bytes", whole_bytes(memory.kv_pool_bytes)},
                 {"kv_block_tokens", memory.kv_block_tokens},
                 {"kv_blocks", memory.kv_blocks},
                 {"capacity_bytes", whole_bytes(memory.capacity_bytes)},
                 {"usable_bytes", whole_bytes(memory.usable_bytes)},
                 {"fits", memory.fits},
                 {"max_concurrency", memory.max_concurrency},
                 {"max_context_tokens", memory.max_context_tokens},
                 {"kv_capacity_tokens", memory.kv_capacity_tokens},
                 {"to_fit", changes}});
}

OrderedJson write_article_times(const ArticleTimes& times) {
  return object({{"ttft_s", times.ttft_s},
                 {"decode_tokens_per_s", times.decode_tokens_per_s},
                 {"ttft_at_utilisation_s", times.ttft_at_utilisation_s},
                 {"decode_tokens_per_s_at_utilisation", times.decode_tokens_per_s_at_utilisation}});
}

OrderedJson write_article(const Article& article, double peak_flops_per_s, double utilisation) {
  OrderedJson json = object({{"applies", article.detail.has_value()},
                             {"parameters", whole(article.parameters)},
                             {"peak_flops_per_s", peak_flops_per_s},
                             {"utilisation", utilisation}});
  if (article.detail) {
    json["prefill_flops"] = article.detail->prefill_flops;
    json["prefill_flops_quick"] = article.detail->prefill_flops_quick;
    json["decode_flops_per_token"] = article.detail->decode_flops_per_token;
    json.update(write_article_times(article.detail->times));
  } else {
    json["reason"] = article.reason;
  }
  OrderedJson estimate =
      object({{"parameters", whole(article.estimate.parameters)},
              {"prefill_flops", article.estimate.prefill_flops},
              {"decode_flops_per_token", article.estimate.decode_flops_per_token}});
  estimate.update(write_article_times(article.estimate.times));
  json["estimate"] = estimate;
  return json;
}

OrderedJson write_accelerator(const Request& request) {
  const Accelerator& accelerator = request.accelerator;
  const double peak = accelerator.peak(request.layout.linear_compute);
  return object({{"id", accelerator.id},
                 {"vendor", accelerator.vendor},
                 {"name", accelerator.name},
                 {"memory_bytes", whole_bytes(accelerator.memory_bytes)},
                 {"memory_bandwidth_bytes_per_s", accelerator.memory_bandwidth_bytes_per_s},
                 {"compute_dtype", name_of(request.layout.linear_compute)},
                 {"peak_flops_per_s", peak},
                 {"ridge_flops_per_byte", peak / accelerator.memory_bandwidth_bytes_per_s}});
}

OrderedJson write_cost(const HourlyPrice& price, const TokenCost& cost) {
  OrderedJson json = object({{"currency", price.currency},
                             {"price_per_hour", price.value},
                             {"per_million_output_tokens", cost.per_million_output_tokens},
                             {"per_million_tokens", cost.per_million_tokens},
                             {"source", price.of_preset ? "preset" : "request"}});
  if (price.of_preset) {
    json["date"] = price.of_preset->date;
    json["reference"] = price.of_preset->source;
  }
  return json;
}

/// What was applied, in the form of the request.
OrderedJson write_measured(const Measured& measured) {
  OrderedJson json = OrderedJson::object();
  if (measured.prefill_factor) {
    json["prefill_time_factor"] = *measured.prefill_factor;
    if (measured.prefill_spread > 0) json["prefill_time_spread"] = measured.prefill_spread;
  }
  if (measured.decode_factor) {
    json["decode_time_factor"] = *measured.decode_factor;
    if (measured.decode_spread > 0) json["decode_time_spread"] = measured.decode_spread;
  }
  if (measured.rows > 0) json["rows"] = measured.rows;
  return json;
}

OrderedJson write_limits(const DecodeLimits& limits) {
  OrderedJson from;
  if (limits.compute_bound_from) from = *limits.compute_bound_from;
  return object({{"decode_tokens_per_s_per_user", limits.tokens_per_s_per_user},
                 {"decode_memory_s", limits.step.memory_s},
                 {"decode_compute_s", limits.step.compute_s},
                 {"compute_bound_from_concurrency", from}});
}

}  // namespace

std::string dump(const OrderedJson& json) {
  // Texts that users typed may hold anything; replace what is not UTF-8 instead of throwing.
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

OrderedJson write_notes(const std::vector<Note>& notes) {
  OrderedJson json = OrderedJson::array();
  for (const Note& note : notes) {
    json.push_back(object(
        {{"code", note.code}, {"message", note.message}, {"params", params_json(note.params)}}));
  }
  return json;
}

std::string write_error(const Error& error) {
  return dump(object({{"ok", false},
                      {"schema", kSchema},
                      {"error", object({{"code", error.code},
                                        {"path", error.path},
                                        {"message", error.message},
                                        {"hint", error.hint},
                                        {"params", params_json(error.params)}})}}));
}

std::string write_response(OrderedJson result, const std::vector<Note>& notes) {
  if (!all_finite(result)) {
    return write_error({"internal",
                        "",
                        "A result is not a finite number",
                        "this is a fault of the engine: please report the request",
                        {}});
  }
  return dump(object({{"ok", true},
                      {"schema", kSchema},
                      {"result", std::move(result)},
                      {"notes", write_notes(notes)}}));
}

OrderedJson write_estimate(const Request& request, const StaticBatch& batch,
                           const MemoryPlan& memory, const std::vector<FitChange>& to_fit,
                           const Article& article) {
  const Layout& layout = request.layout;
  const std::int64_t gpus = layout.gpus();
  const double peak = request.accelerator.peak(request.layout.linear_compute);
  OrderedJson json = object(
      {{"model", write_model(request.model_name, request.architecture, &request.layout.weights,
                             request.layout.kv_dtype)},
       {"accelerator", write_accelerator(request)},
       {"deployment", object({{"gpus", gpus},
                              {"tp", layout.tp},
                              {"pp", layout.pp},
                              {"dp", layout.dp},
                              {"ep", layout.ep},
                              {"nodes", request.nodes},
                              {"engine", request.engine_name},
                              {"weights", request.layout.weights.linear.name},
                              {"kv_cache", name_of(request.layout.kv_dtype)},
                              {"memory_fraction", request.allocation.memory_fraction},
                              {"max_batched_tokens", request.allocation.max_batched_tokens},
                              {"max_sequences", request.allocation.max_sequences},
                              {"block_tokens", request.allocation.block_tokens}})},
       {"workload", object({{"input_tokens", request.workload.input_tokens},
                            {"output_tokens", request.workload.output_tokens},
                            {"concurrency", request.workload.concurrency}})},
       {"ttft_s", write_quantity(batch.ttft_s)},
       {"tpot_s", write_quantity(batch.tpot_s)},
       {"latency_s", write_quantity(batch.latency_s)},
       {"tokens_per_s_per_user", write_quantity(batch.tokens_per_s_per_user)},
       {"output_tokens_per_s", write_quantity(batch.output_tokens_per_s)},
       {"total_tokens_per_s", write_quantity(batch.total_tokens_per_s)},
       {"requests_per_s", write_quantity(batch.requests_per_s)},
       {"output_tokens_per_s_per_gpu",
        write_quantity(per_accelerator(batch.output_tokens_per_s, gpus))},
       {"total_tokens_per_s_per_gpu",
        write_quantity(per_accelerator(batch.total_tokens_per_s, gpus))},
       {"limits", write_limits(batch.limits)},
       {"memory", write_memory(layout, memory, to_fit)},
       {"phases",
        object({{"prefill", write_step(batch.prefill)}, {"decode", write_step(batch.decode)}})},
       {"article", write_article(article, peak * static_cast<double>(gpus), request.utilisation)}});
  if (layout.expert_skew > 1) json["deployment"]["expert_skew"] = layout.expert_skew;
  if (layout.two_batch) json["deployment"]["overlap"] = "two_batch";
  const Offload& offload = layout.offload;
  if (offload.weight_bytes > 0 || offload.kv_bytes > 0) {
    json["deployment"]["offload"] = object({{"weight_bytes", whole_bytes(offload.weight_bytes)},
                                            {"kv_bytes", whole_bytes(offload.kv_bytes)}});
    json["memory"]["host_bytes"] = whole_bytes(memory.host_weight_bytes + memory.host_kv_bytes);
    json["memory"]["host_weight_bytes"] = whole_bytes(memory.host_weight_bytes);
    json["memory"]["host_kv_bytes"] = whole_bytes(memory.host_kv_bytes);
    json["limits"]["decode_host_s"] = batch.limits.step.host_s;
  }
  if (const Speculation* speculation = layout.speculation.get()) {
    OrderedJson& written = json["deployment"]["speculative"];
    written = object({{"method", request.speculative.method},
                      {"draft_tokens", speculation->draft_tokens},
                      {"acceptance", speculation->acceptance},
                      {"tokens_per_step", speculation->tokens_per_step()}});
    if (!request.speculative.model_name.empty()) {
      written["model"] = request.speculative.model_name;
    }
    json["memory"]["draft_bytes"] = whole_bytes(memory.draft_bytes);
  }
  if (request.measured) json["measured"] = write_measured(*request.measured);
  if (request.price) {
    json["cost"] = write_cost(*request.price, token_cost(batch, request.price->value, gpus));
  }
  return json;
}

}  // namespace tokencast
