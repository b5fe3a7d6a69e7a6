#include "report/request.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "cost/compute_dtype.h"
#include "graph/speculation.h"
#include "memory/memory_plan.h"
#include "model/assign_formats.h"
#include "report/disaggregation_request.h"
#include "report/engine_request.h"
#include "report/preset_request.h"
#include "report/service_request.h"
#include "report/speculation_request.h"
#include "serving/engine_limits.h"

namespace tokencast {
namespace {

constexpr Range kTokens = {1, 1e7};
constexpr Range kConcurrency = {1, 65536};
constexpr Range kRanks = {1, 4096};
constexpr Range kMemoryFraction = {0.1, 1};
// More than all of a hundred ranks would have is no load that anybody serves.
constexpr Range kExpertSkew = {1, 100};
constexpr Range kBlockTokens = {1, 4096};
// Of the host's memory, for each accelerator.
constexpr Range kHostBytes = {0, 1e13};
// Beyond a factor of twenty it is another deployment that was measured.
constexpr Range kFactor = {0.05, 20};
// No run is repeated within less than 5 %: a band is never narrower.
constexpr Range kSpread = {0.05, 5};
constexpr Range kMeasuredRows = {1, 1e6};
constexpr Range kUtilisation = {0.01, 1};
// Per accelerator. Nothing is free to run, but what is paid for already may count as free.
constexpr Range kPricePerHour = {0, 1e4};
// The article's share of the peak that a GPU reaches.
constexpr double kDefaultUtilisation = 0.6;

/// Returns "auto" and the names after it.
std::vector<std::string> auto_and(const std::vector<std::string>& names) {
  std::vector<std::string> all = {"auto"};
  all.insert(all.end(), names.begin(), names.end());
  return all;
}

void read_formats(ObjectReader& deployment, Request& request) {
  const std::string weights =
      deployment.one_of_or("weights", auto_and(requestable_formats()), "auto");
  const std::string kv_cache =
      deployment.one_of_or("kv_cache", {"auto", "bf16", "fp16", "fp8", "int8"}, "auto");
  if (deployment.failed()) return;

  const Architecture& architecture = request.architecture;
  const Quantization& quantization = architecture.quantization;
  Layout& layout = request.layout;
  if (weights == "auto") {
    require_understood(quantization, deployment, "weights",
                       "choose the weights' format instead of auto");
    if (deployment.failed()) return;
    layout.weights = architecture.formats;
  } else {
    layout.weights = requested_formats(architecture, weights);
  }
  const DType checkpoint_kv = quantization.kv_cache.value_or(architecture.dtype);
  layout.kv_dtype =
      kv_cache == "auto" ? checkpoint_kv : dtype_named(kv_cache).value_or(architecture.dtype);

  const ComputeDTypes compute = choose_compute_dtypes(architecture.dtype, layout.weights.linear,
                                                      request.accelerator, request.engine);
  layout.compute = compute.activations;
  layout.linear_compute = compute.linear;
  request.notes.insert(request.notes.end(), compute.notes.begin(), compute.notes.end());
}

/// Reports illegal_layout: a field, why it is refused, and what is legal.
void refuse_layout(ObjectReader& deployment, const char* field, const std::string& message,
                   const std::string& hint, Params params) {
  params.emplace_back("field", field);
  deployment.fail({"illegal_layout", deployment.path_of(field), message, hint, std::move(params)});
}

void check_tensor_parallel(ObjectReader& deployment, const Request& request) {
  const Layout& layout = request.layout;
  const std::int64_t tp = layout.tp;
  const bool network = request.accelerator.nic_bandwidth_bytes_per_s.has_value();
  const std::int64_t most = network ? std::max(layout.domain, tp) : layout.domain;
  const std::vector<std::int64_t> legal =
      legal_tensor_parallel(request.architecture, layout.weights, most, layout.ep);
  if (std::find(legal.begin(), legal.end(), tp) != legal.end()) return;
  const std::string path = deployment.path_of(deployment.has("tp") ? "tp" : "gpus");
  if (!request.accelerator.link) {
    deployment.fail({"illegal_tensor_parallel",
                     path,
                     request.accelerator.name + " has no link: several of it cannot work together",
                     "add \"link\" to the accelerator, or use one",
                     {{"reason", "no_link"}, {"accelerator", request.accelerator.name}}});
    return;
  }
  if (tp > most) {
    deployment.fail({"illegal_tensor_parallel",
                     path,
                     request.accelerator.name + " is linked in groups of " + std::to_string(most) +
                         ", not " + std::to_string(tp),
                     "use one of: " + joined(legal),
                     {{"reason", "domain"},
                      {"tp", std::to_string(tp)},
                      {"domain", std::to_string(most)},
                      {"legal", joined(legal)},
                      {"accelerator", request.accelerator.name}}});
    return;
  }
  deployment.fail(
      {"illegal_tensor_parallel",
       path,
       "The model's heads and FFN do not split evenly over " + std::to_string(tp) + " ranks",
       "use one of: " + joined(legal),
       {{"reason", "split"}, {"tp", std::to_string(tp)}, {"legal", joined(legal)}}});
}

void check_layout(ObjectReader& deployment, const Request& request) {
  const Layout& layout = request.layout;
  const std::int64_t layers = layers_of(request.architecture);
  if (layout.pp > layers) {
    refuse_layout(deployment, "pp",
                  "The model has " + std::to_string(layers) + " layers, too few for " +
                      std::to_string(layout.pp) + " stages",
                  "use at most " + std::to_string(layers),
                  {{"reason", "layers"},
                   {"layers", std::to_string(layers)},
                   {"pp", std::to_string(layout.pp)}});
  }
  const std::vector<std::int64_t> legal = legal_expert_parallel(request.architecture, layout);
  if (std::find(legal.begin(), legal.end(), layout.ep) == legal.end()) {
    refuse_layout(
        deployment, "ep",
        "Experts cannot be spread over " + std::to_string(layout.ep) +
            " ranks: ep must divide the experts and either divide tp, or be tp times a "
            "divisor of dp",
        "use one of: " + joined(legal),
        {{"reason", "experts"}, {"ep", std::to_string(layout.ep)}, {"legal", joined(legal)}});
  }
  if (!deployment.failed()) check_tensor_parallel(deployment, request);
  // What works together must reach each other.
  const std::int64_t group = layout.ranks_together();
  const Accelerator& accelerator = request.accelerator;
  const bool joined_by_link = accelerator.link && group <= layout.domain;
  if (group == 1 || joined_by_link || accelerator.nic_bandwidth_bytes_per_s) return;
  refuse_layout(deployment,
                deployment.has("gpus") ? "gpus"
                : layout.pp > 1        ? "pp"
                                       : "ep",
                std::to_string(group) + " of " + accelerator.name +
                    " work together, but a link joins " + std::to_string(layout.domain) +
                    ", and no network card is known",
                "add \"nic\" to the accelerator, or use fewer of it in each replica",
                {{"reason", "network"},
                 {"group", std::to_string(group)},
                 {"domain", std::to_string(layout.domain)},
                 {"accelerator", accelerator.name}});
}

/// Sets how many accelerators a link joins. Racks whose links reach over several nodes stay whole.
void read_nodes(ObjectReader& deployment, Request& request) {
  constexpr std::int64_t kLargestNode = 16;
  Layout& layout = request.layout;
  const std::int64_t gpus = layout.gpus();
  const std::int64_t linked = request.accelerator.link ? request.accelerator.link->domain_size : 1;
  const std::int64_t fewest = (gpus + linked - 1) / linked;
  request.nodes = deployment.integer_or("nodes", kRanks, request.accelerator.link ? fewest : 1);
  if (gpus % request.nodes != 0 && deployment.has("nodes")) {
    refuse_layout(deployment, "nodes",
                  std::to_string(gpus) + " GPUs do not fill " + std::to_string(request.nodes) +
                      " nodes evenly",
                  "use a divisor of " + std::to_string(gpus),
                  {{"reason", "nodes"},
                   {"gpus", std::to_string(gpus)},
                   {"nodes", std::to_string(request.nodes)}});
  }
  layout.domain = linked > kLargestNode || !deployment.has("nodes")
                      ? linked
                      : std::min(linked, gpus / request.nodes);
}

void read_layout(ObjectReader& deployment, Request& request) {
  Layout& layout = request.layout;
  const std::int64_t gpus = deployment.integer_or("gpus", kRanks, 0);
  layout.pp = deployment.integer_or("pp", kRanks, 1);
  layout.dp = deployment.integer_or("dp", kRanks, 1);
  layout.ep = deployment.integer_or("ep", kRanks, 1);
  const std::int64_t others = layout.pp * layout.dp;
  layout.tp = deployment.integer_or("tp", kRanks, std::max<std::int64_t>(gpus / others, 1));
  if (gpus != 0 && gpus != layout.gpus()) {
    const char* field = "gpus";
    for (const char* given : {"pp", "dp", "tp"}) {
      if (deployment.has(given)) field = given;
    }
    refuse_layout(deployment, field,
                  "tp " + std::to_string(layout.tp) + " × pp " + std::to_string(layout.pp) +
                      " × dp " + std::to_string(layout.dp) + " are " +
                      std::to_string(layout.gpus()) + " GPUs, not " + std::to_string(gpus),
                  "set gpus to " + std::to_string(layout.gpus()) + ", or leave it out",
                  {{"reason", "product"},
                   {"gpus", std::to_string(gpus)},
                   {"tp", std::to_string(layout.tp)},
                   {"pp", std::to_string(layout.pp)},
                   {"dp", std::to_string(layout.dp)},
                   {"product", std::to_string(layout.gpus())}});
  }
  if (!deployment.failed()) read_nodes(deployment, request);
  if (!deployment.failed()) check_layout(deployment, request);
}

/// The user's own price, else the newest of the accelerator's rental prices.
void read_price(ObjectReader& deployment, Request& request) {
  if (deployment.has("price_per_hour")) {
    ObjectReader reader = deployment.object("price_per_hour");
    reader.refuse_unknown_keys({"value", "currency"});
    request.price = HourlyPrice{reader.one_of_or("currency", currencies(), currencies().front()),
                                reader.number("value", kPricePerHour),
                                {}};
    return;
  }
  if (const Price* price = newest_rental(request.accelerator.prices)) {
    request.price = HourlyPrice{price->currency, price->value, *price};
  }
}

/// What the engine does by default, and what the request has instead.
void read_allocation(ObjectReader& deployment, Request& request) {
  const EngineLimits limits =
      engine_limits(request.engine, EngineUse::kServer, request.accelerator);
  const std::int64_t sequences =
      deployment.integer_or("max_sequences", kConcurrency, limits.max_sequences);
  const std::int64_t tokens =
      deployment.integer_or("max_batched_tokens", kTokens, limits.step_tokens);
  Allocation& allocation = request.allocation;
  allocation = default_allocation(request.engine, request.architecture, request.accelerator,
                                  request.layout.tp, {sequences, tokens});
  if (deployment.has("max_batched_tokens")) allocation.max_batched_tokens = tokens;
  allocation.memory_fraction =
      deployment.number_or("memory_fraction", kMemoryFraction, allocation.memory_fraction);
  allocation.block_tokens =
      deployment.integer_or("block_tokens", kBlockTokens, allocation.block_tokens);
  if (request.measured) {
    allocation.kv_pool_factor = request.measured->kv_capacity_factor.value_or(1);
  }
}

/// What lies in the host's memory. Loads are of one replica.
void read_offload(ObjectReader& deployment, Request& request) {
  if (!deployment.has("offload")) return;
  ObjectReader reader = deployment.object("offload");
  reader.refuse_unknown_keys({"weight_bytes", "kv_bytes"});
  const double most = std::floor(layer_bytes_per_rank(request.architecture, request.layout));
  Offload offload;
  offload.weight_bytes = static_cast<double>(reader.integer_or("weight_bytes", {0, most}, 0));
  offload.kv_bytes = static_cast<double>(reader.integer_or("kv_bytes", kHostBytes, 0));
  if (deployment.failed() || (offload.weight_bytes == 0 && offload.kv_bytes == 0)) return;
  const Accelerator& accelerator = request.accelerator;
  const auto refuse = [&](const Params::value_type& reason, const std::string& message,
                          const char* hint) {
    deployment.fail({"unsupported_offload",
                     deployment.path_of("offload"),
                     message,
                     hint,
                     {reason, {"accelerator", accelerator.name}}});
  };
  if (!request.allocation.offloads) {
    refuse({"reason", "engine"},
           "llama.cpp computes on the processor what it leaves in the host's memory",
           "choose another engine: how fast the processor is, is not known");
  } else if (accelerator.shares_host_memory()) {
    refuse({"reason", "unified"}, accelerator.name + " has no memory but the host's",
           "leave offload out: all of the memory is used already");
  } else if (accelerator.host_bytes_per_s() == 0) {
    refuse({"reason", "no_link"},
           "How fast " + accelerator.name + " reads the host's memory is not known",
           "add \"pcie\" with \"generation\" and \"bandwidth_bytes_per_s\" to the accelerator");
  }
  if (deployment.failed()) return;
  const Workload& workload = request.workload;
  request.layout = offloaded(request.architecture, request.layout, accelerator, request.allocation,
                             {largest_share(workload.concurrency, request.layout.dp),
                              workload.input_tokens + workload.output_tokens},
                             offload);
  if (offload.kv_bytes == 0) return;
  request.notes.push_back({"kv_in_host_memory",
                           "KV that the accelerator has no room for is read from the host's memory "
                           "in each step, as in FlexGen; vLLM and LMCache keep there only what "
                           "does not run",
                           {}});
}

/// What only experts over ranks have: how their exchange overlaps, and how uneven their loads are.
void read_expert_parallel(ObjectReader& deployment, Layout& layout) {
  layout.two_batch = deployment.one_of_or("overlap", {"none", "two_batch"}, "none") == "two_batch";
  layout.expert_skew = deployment.number_or("expert_skew", kExpertSkew, 1);
  const bool replicas = layout.attention_replicas() > 1;
  const bool overlap = layout.two_batch && !replicas;
  if (!overlap && (layout.expert_skew == 1 || layout.ep > 1)) return;
  const std::string field = overlap ? "overlap" : "expert_skew";
  deployment.fail({"needs_expert_parallel",
                   deployment.path_of(field),
                   field + " is of experts that are spread over ranks",
                   overlap ? "spread them over replicas: ep larger than tp"
                           : "spread them over ranks: ep larger than 1",
                   {{"field", field}}});
}

void read_deployment(ObjectReader& root, const Presets& presets, Request& request) {
  ObjectReader deployment = root.object("deployment");
  deployment.refuse_unknown_keys({"gpus",
                                  "tp",
                                  "pp",
                                  "dp",
                                  "ep",
                                  "nodes",
                                  "engine",
                                  "weights",
                                  "kv_cache",
                                  "memory_fraction",
                                  "price_per_hour",
                                  "engine_version",
                                  "max_batched_tokens",
                                  "max_sequences",
                                  "block_tokens",
                                  "speculative",
                                  "overlap",
                                  "expert_skew",
                                  "disaggregation",
                                  "offload"});
  read_engine(deployment, request);
  read_price(deployment, request);
  if (deployment.failed()) return;
  read_formats(deployment, request);
  if (deployment.failed()) return;
  read_layout(deployment, request);
  read_expert_parallel(deployment, request.layout);
  if (!deployment.failed()) read_disaggregation(deployment, request);
  if (!deployment.failed()) read_speculation(deployment, presets, request);
  if (!deployment.failed()) read_allocation(deployment, request);
  if (!deployment.failed()) read_offload(deployment, request);
}

void read_workload(ObjectReader& root, Request& request) {
  if (!root.has("workload")) {
    root.fail({"missing_field",
               "/workload",
               "workload is missing",
               "add {\"input_tokens\": 1024, \"output_tokens\": 1024}",
               {{"field", "workload"}}});
    return;
  }
  ObjectReader workload = root.object("workload");
  request.workload.input_tokens = workload.integer("input_tokens", kTokens);
  request.workload.output_tokens = workload.integer("output_tokens", kTokens);
  request.workload.concurrency = workload.integer_or("concurrency", kConcurrency, 1);
  read_service(workload, request);
}

void read_measured(ObjectReader& root, Request& request) {
  if (!root.has("measured")) return;
  ObjectReader reader = root.object("measured");
  reader.refuse_unknown_keys({"prefill_time_factor", "prefill_time_spread", "decode_time_factor",
                              "decode_time_spread", "kv_capacity_factor", "rows"});
  Measured measured;
  if (reader.has("prefill_time_factor")) {
    measured.prefill_factor = reader.number("prefill_time_factor", kFactor);
  }
  if (reader.has("decode_time_factor")) {
    measured.decode_factor = reader.number("decode_time_factor", kFactor);
  }
  if (reader.has("kv_capacity_factor")) {
    measured.kv_capacity_factor = reader.number("kv_capacity_factor", kFactor);
  }
  // A spread says nothing without its factor; it is checked all the same.
  measured.prefill_spread = reader.number_or("prefill_time_spread", kSpread, 0);
  measured.decode_spread = reader.number_or("decode_time_spread", kSpread, 0);
  measured.rows = reader.integer_or("rows", kMeasuredRows, 0);
  const bool times = measured.prefill_factor || measured.decode_factor;
  if (times || measured.kv_capacity_factor) request.measured = measured;
}

void note_measured(Request& request) {
  if (!request.measured) return;
  const Measured& measured = *request.measured;
  if (measured.prefill_factor || measured.decode_factor) {
    const std::string prefill = number_text(measured.prefill_factor.value_or(1));
    const std::string decode = number_text(measured.decode_factor.value_or(1));
    request.notes.push_back({"measured_factors",
                             "Times are scaled by your own measurement: prefill × " + prefill +
                                 ", decode × " + decode + ", never below what the hardware allows",
                             {{"prefill", prefill}, {"decode", decode}}});
  }
  if (measured.kv_capacity_factor) {
    const std::string factor = number_text(*measured.kv_capacity_factor);
    request.notes.push_back({"measured_capacity",
                             "The KV cache is scaled by your own measurement: × " + factor,
                             {{"factor", factor}}});
  }
}

void check_schema(ObjectReader& root) {
  const Json* schema = root.find("schema");
  if (schema != nullptr && *schema == kSchema) return;
  root.fail({"unsupported_schema",
             "/schema",
             schema == nullptr ? "schema is missing" : "This engine speaks schema 1 only",
             "write \"schema\": 1",
             {{"known", std::to_string(kSchema)}}});
}

}  // namespace

Result<Request> read_request(const Json& json, const Presets& presets) {
  std::optional<Error> error;
  ObjectReader root(json, "", error);
  if (error) return *error;
  check_schema(root);
  root.refuse_unknown_keys(
      {"schema", "model", "accelerator", "deployment", "workload", "article", "measured"});

  Request request;
  ObjectReader model = root.object("model");
  if (!error) request.architecture = read_model(model, presets, request.model_name);
  if (!error) request.accelerator = read_hardware(root, presets);
  if (!error) read_workload(root, request);
  if (!error) read_measured(root, request);
  if (!error) read_deployment(root, presets, request);
  if (!error) note_measured(request);
  ObjectReader article = root.object("article");
  article.refuse_unknown_keys({"utilisation"});
  request.utilisation = article.number_or("utilisation", kUtilisation, kDefaultUtilisation);
  if (error) return *error;

  std::vector<Note>& model_notes = request.architecture.notes;
  // As drafts they are.
  if (request.speculative.method == "mtp") {
    std::erase_if(model_notes, [](const Note& note) { return note.code == "mtp_not_counted"; });
  }
  const auto& accelerator_notes = request.accelerator.notes;
  request.notes.insert(request.notes.begin(), accelerator_notes.begin(), accelerator_notes.end());
  request.notes.insert(request.notes.begin(), model_notes.begin(), model_notes.end());
  return request;
}

EngineLimits limits_of(const Request& request, const EngineProfile& profile) {
  EngineLimits limits = engine_limits(request.engine, EngineUse::kServer, request.accelerator);
  limits.max_sequences = request.allocation.max_sequences;
  limits.step_tokens = request.allocation.max_batched_tokens;
  limits.request_s = profile.request_s;
  if (const Speculation* speculation = request.layout.speculation.get()) {
    limits.decoded_tokens = speculation->verified_tokens();
    limits.tokens_per_step = speculation->tokens_per_step();
  }
  return limits;
}

CostModel cost_model_of(const Request& request, const CalibrationSet& calibrations) {
  CostModel model = calibrations.model(request.accelerator, request.engine);
  if (request.measured) {
    const Measured& measured = *request.measured;
    model.profile.own_prefill = {measured.prefill_factor.value_or(1),
                                 measured.prefill_factor ? measured.prefill_spread : 0};
    model.profile.own_decode = {measured.decode_factor.value_or(1),
                                measured.decode_factor ? measured.decode_spread : 0};
  }
  return model;
}

}  // namespace tokencast
