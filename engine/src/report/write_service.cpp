#include "report/write_service.h"

#include <algorithm>
#include <utility>

#include "report/engine_request.h"
#include "report/json_writer.h"
#include "report/simulated_service.h"
#include "report/write.h"
#include "report/write_disaggregation.h"

namespace tokencast {
namespace {

const char* name_of(ServiceLimit limit, bool closed) {
  switch (limit) {
    case ServiceLimit::kKvCache:
      return "kv_cache";
    case ServiceLimit::kSequences:
      return "max_sequences";
    case ServiceLimit::kCompute:
      return "compute";
    case ServiceLimit::kDemand:
      break;
  }
  return closed ? "users" : "request_rate";
}

class Writer {
 public:
  /// The answer is of one of as many schedulers.
  Writer(std::int64_t schedulers, const ServiceAnswer& answer, Source source)
      : schedulers_(static_cast<double>(schedulers)), answer_(answer), source_(source) {}

  OrderedJson times(Metric metric) const {
    const Distribution& of = metric_of(answer_.run, metric);
    OrderedJson json =
        band(of.mean, metric_of(answer_.low, metric).mean, metric_of(answer_.high, metric).mean);
    json["p50"] = of.p50;
    json["p90"] = of.p90;
    json["p95"] = of.p95;
    json["p99"] = of.p99;
    return json;
  }

  /// Of all schedulers; the slow end of the steps is the low end of the rate.
  OrderedJson rate(double ServiceRun::* rate, double per = 1) const {
    const double share = schedulers() / per;
    return band(answer_.run.*rate * share, answer_.high.*rate * share, answer_.low.*rate * share);
  }

  /// Simulated runs at the ends differ by chance too, which must not turn the ends around.
  OrderedJson band(double value, double low, double high) const {
    return object({{"value", value},
                   {"low", std::min({low, high, value})},
                   {"high", std::max({low, high, value})},
                   {"source", tokencast::name_of(source_)}});
  }

  double schedulers() const { return schedulers_; }

 private:
  double schedulers_;
  const ServiceAnswer& answer_;
  Source source_;
};

OrderedJson write_point(const ServiceRun& run, double schedulers) {
  const auto mean_and_p95 = [](const Distribution& of) {
    return object({{"mean", of.mean}, {"p50", of.p50}, {"p95", of.p95}, {"p99", of.p99}});
  };
  return object({{"ttft_s", mean_and_p95(run.ttft_s)},
                 {"tpot_s", run.timed ? mean_and_p95(run.tpot_s) : OrderedJson()},
                 {"latency_s", mean_and_p95(run.latency_s)},
                 {"requests_per_s", run.requests_per_s * schedulers},
                 {"output_tokens_per_s", run.output_tokens_per_s * schedulers},
                 {"total_tokens_per_s", run.total_tokens_per_s * schedulers}});
}

OrderedJson write_capacity(const Capacity& capacity, double schedulers, Source source) {
  OrderedJson rate = object({{"requests_per_s", capacity.requests_per_s * schedulers},
                             {"low", capacity.rate_band.low * schedulers},
                             {"high", capacity.rate_band.high * schedulers},
                             {"source", tokencast::name_of(source)}});
  if (capacity.at_rate) rate["at"] = write_point(*capacity.at_rate, schedulers);
  const auto count = [schedulers](double users) { return whole(users * schedulers); };
  OrderedJson users = object({{"users", count(static_cast<double>(capacity.users))},
                              {"low", count(capacity.users_band.low)},
                              {"high", count(capacity.users_band.high)},
                              {"source", tokencast::name_of(source)}});
  if (capacity.at_users) users["at"] = write_point(*capacity.at_users, schedulers);
  return object({{"rate", rate}, {"users", users}});
}

OrderedJson write_changes(const std::vector<MeetChange>& changes, bool with_run) {
  OrderedJson json = OrderedJson::array();
  for (const MeetChange& change : changes) {
    OrderedJson written =
        object({{"change", change.change}, {"value", change.value}, {"gpus", change.gpus}});
    if (with_run) written["at"] = write_point(change.run, static_cast<double>(change.schedulers));
    json.push_back(std::move(written));
  }
  return json;
}

OrderedJson write_to_meet(const ToMeet& met) {
  return object({{"keeps", met.keeps},
                 {"to_meet", write_changes(met.changes, true)},
                 {"tried", write_changes(met.failed, false)}});
}

OrderedJson write_load(const Request& request) {
  static constexpr const char* kArrivals[] = {"poisson", "bursty", "constant"};
  static constexpr const char* kLengths[] = {"fixed", "uniform", "lognormal"};
  const ServiceLoad& load = request.service.load;
  OrderedJson json = object({{"input_tokens", request.workload.input_tokens},
                             {"output_tokens", request.workload.output_tokens}});
  if (load.closed()) {
    json["concurrency"] = load.users;
    json["think_time_s"] = load.think_time_s;
  } else {
    json["request_rate"] = load.request_rate;
    json["arrivals"] = kArrivals[static_cast<int>(load.arrivals)];
    if (load.arrivals == Arrivals::kBursty) json["burstiness"] = load.burstiness;
  }
  json.update(object({{"lengths", kLengths[static_cast<int>(load.lengths)]},
                      {"input_spread", load.input_spread},
                      {"output_spread", load.output_spread},
                      {"prefix_hit", load.prefix_hit},
                      {"requests", load.requests},
                      {"seed", load.seed}}));
  return json;
}

void add_notes(const Writer& writer, const ServiceAnswer& answer, std::vector<Note>& notes) {
  const auto text = [](double value) { return OrderedJson(value).dump(); };
  if (answer.grows) {
    notes.push_back({"not_settled",
                     "More and more requests are in the system, as long as one looks: prompts that "
                     "come first keep others from decoding, or the load is next to the most that "
                     "can be served",
                     {}});
  } else if (!answer.stable && answer.saturation_requests_per_s) {
    const double most = answer.saturation_requests_per_s->value * writer.schedulers();
    notes.push_back({"not_stable",
                     "More requests arrive than can be served: the queue grows without end. The "
                     "figures are those at saturation",
                     {{"requests_per_s", text(most)}}});
  } else if (answer.band_saturates) {
    notes.push_back({"band_not_stable",
                     "At the slow end of the band more requests arrive than can be served",
                     {}});
  }
  if (answer.run.preemptions > 0) {
    notes.push_back({"preemption",
                     "The KV cache runs out: the newest requests are put back and prefilled again",
                     {{"count", std::to_string(answer.run.preemptions)},
                      {"requests", std::to_string(answer.run.requests)}}});
  }
}

OrderedJson write_service(const Writer& writer, const ServiceAnswer& answer, bool closed) {
  const ServiceRun& run = answer.run;
  const double schedulers = writer.schedulers();
  OrderedJson json = object(
      {{"stable", answer.stable},
       {"limited_by", name_of(answer.limit, closed)},
       {"in_system", run.in_system * schedulers},
       {"running", run.running * schedulers},
       {"queue", run.queued * schedulers},
       {"utilisation",
        object({{"busy", run.busy}, {"kv_cache", run.kv_used}, {"step_tokens", run.budget_used}})},
       {"waiting_for", object({{"kv_cache", run.blocked_kv},
                               {"max_sequences", run.blocked_sequences},
                               {"compute", run.blocked_compute}})},
       {"preemptions", run.preemptions},
       {"requests", run.requests},
       {"duration_s", run.duration_s}});
  OrderedJson& next = json["next_limit"];
  if (answer.next) {
    next = object({{"limited_by", name_of(answer.next->limit, closed)}});
    if (answer.next->sequences > 0) {
      next["sequences"] = answer.next->sequences * static_cast<std::int64_t>(schedulers);
    } else {
      next["requests_per_s"] = answer.next->requests_per_s * schedulers;
    }
  }
  if (answer.saturation_requests_per_s) {
    const Banded most = schedulers * *answer.saturation_requests_per_s;
    json["saturation_requests_per_s"] = writer.band(most.value, most.low, most.high);
  }
  return json;
}

/// Of instances that only compute prompts, and others that only decode; gpus: of one.
void add_pools(const SimulatedService& service, const Disaggregation& pools, std::int64_t gpus,
               OrderedJson& json) {
  const DisaggregatedAnswer& answer = service.pools();
  const bool stable = answer.service.stable;
  // Nothing is sent before the first token.
  if (stable) json["ttft_s"]["source"] = name_of(service.server().steps->source());
  if (!stable && answer.bound == PoolBound::kTransfer) json["service"]["limited_by"] = "transfer";
  json["service"]["pools"] = write_pools(answer, pools, *service.transfer(), gpus);
}

/// accelerators: of the whole deployment.
OrderedJson write_answer(const Writer& writer, const Request& request, const ServiceAnswer& answer,
                         std::int64_t accelerators) {
  const auto gpus = static_cast<double>(accelerators);
  const bool timed = answer.run.timed;
  const bool closed = request.service.load.closed();
  return object(
      {{"workload", write_load(request)},
       {"ttft_s", answer.stable ? writer.times(Metric::kTtft) : OrderedJson()},
       {"tpot_s", timed ? writer.times(Metric::kTpot) : OrderedJson()},
       {"itl_s", timed ? writer.times(Metric::kItl) : OrderedJson()},
       {"latency_s", answer.stable ? writer.times(Metric::kLatency) : OrderedJson()},
       {"requests_per_s", writer.rate(&ServiceRun::requests_per_s)},
       {"output_tokens_per_s", writer.rate(&ServiceRun::output_tokens_per_s)},
       {"total_tokens_per_s", writer.rate(&ServiceRun::total_tokens_per_s)},
       {"output_tokens_per_s_per_gpu", writer.rate(&ServiceRun::output_tokens_per_s, gpus)},
       {"total_tokens_per_s_per_gpu", writer.rate(&ServiceRun::total_tokens_per_s, gpus)},
       {"service", write_service(writer, answer, closed)}});
}

}  // namespace

std::string simulate_request(const Asked& asked, const CalibrationSet& calibrations,
                             std::vector<Note> notes, const Progress& progress) {
  const Request& request = *asked.request;
  const ServiceRequest& wanted = request.service;
  SimulatedService service(request, calibrations);
  const double parts = 1 + (wanted.limits.empty() ? 0 : 4) + (wanted.curve ? 2 : 0);
  double done = 0;
  const auto part = [&](double weight) {
    const double from = done;
    done += weight / parts;
    return [&progress, from, share = weight / parts](double of_it) {
      if (progress) progress(from + share * of_it);
    };
  };
  const ServiceAnswer& answer = service.answer(part(1));
  const Writer writer(service.schedulers(), answer, service.source());
  OrderedJson json = write_answer(writer, request, answer, service.gpus());
  if (request.disaggregation) {
    add_pools(service, *request.disaggregation, request.layout.gpus(), json);
  }
  json["engine_profile"] = write_profile(request, service.profile());
  if (!wanted.limits.empty()) {
    const Capacity capacity = find_capacity(service.load(), service.trials(), wanted.limits,
                                            {service.keeps(wanted.limits), &answer.run}, part(2));
    json["capacity"] = write_capacity(capacity, writer.schedulers(), service.source());
    const ToMeet met = changes_to_meet(asked, calibrations, service, capacity, part(2));
    json["capacity"].update(write_to_meet(met));
  }
  if (wanted.curve) {
    OrderedJson curve = OrderedJson::array();
    for (const CurvePoint& point : service_curve(service.load(), service.trials(), part(2))) {
      OrderedJson at = object({{"users", point.users * service.schedulers()}});
      at.update(write_point(point.run, writer.schedulers()));
      curve.push_back(at);
    }
    json["curve"] = curve;
  }
  add_notes(writer, answer, notes);
  return write_response(json, notes);
}

}  // namespace tokencast
