#include "report/to_meet.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "memory/memory_plan.h"

namespace tokencast {
namespace {

// Each attempt is a simulation: a handful of each kind.
constexpr int kAttempts = 3;

class Search {
 public:
  Search(const Asked& asked, const CalibrationSet& calibrations, const SimulatedService& service,
         const Capacity& capacity)
      : request_(*asked.request),
        json_(*asked.json),
        presets_(*asked.presets),
        calibrations_(calibrations),
        service_(service),
        capacity_(capacity) {}

  void kv_cache() {
    if (bits_of(request_.layout.kv_dtype) <= bits_of(DType::kFp8)) return;
    const std::string format(name_of(DType::kFp8));
    Json changed = json_;
    changed["deployment"]["kv_cache"] = format;
    reread("kv_cache", format, changed);
  }

  /// Twice as many ranks; illegal ones are not tried.
  void tensor_parallel() {
    const std::int64_t tp = 2 * request_.layout.tp;
    Json changed = json_;
    Json& deployment = changed["deployment"];
    deployment["tp"] = tp;
    deployment["gpus"] = nullptr;
    Json& nodes = deployment["nodes"];
    if (!nodes.is_null()) nodes = 2 * request_.nodes;
    reread("tp", tp, changed);
  }

  /// As many replicas as share the load in parts that keep the limits; none where not even the
  /// least load does.
  void replicas() {
    const ServiceLoad& load = service_.load();
    const double most =
        load.closed() ? static_cast<double>(capacity_.users) : capacity_.requests_per_s;
    if (!(most > 0)) return;
    const Layout& layout = request_.layout;
    const double asked = load.closed() ? static_cast<double>(load.users) : load.request_rate;
    const std::int64_t together = layout.attention_replicas();
    const std::int64_t now = layout.dp / together;
    const double times = asked / most * static_cast<double>(now);
    if (times > static_cast<double>(kMostReplicas)) return;
    std::int64_t groups = std::max(static_cast<std::int64_t>(std::ceil(times)), now + 1);
    for (int attempt = 0; attempt < kAttempts; ++attempt, ++groups) {
      const std::int64_t dp = groups * together;
      const std::int64_t schedulers = dp * layout.pp;
      MeetChange change = {"dp", dp, layout.tp * layout.pp * dp, {}, schedulers};
      if (take(change, service_.run(request_.service.load, schedulers))) return;
    }
  }

  /// More instances of one pool, by doubling, and then the fewest of those between.
  void instances(const char* name, const Disaggregation& now, std::int64_t Disaggregation::* pool) {
    const auto at = [&](std::int64_t count) {
      Disaggregation pools = now;
      pools.*pool = count;
      return std::pair(MeetChange{name, count, pools.instances() * request_.layout.gpus(), {}, 1},
                       service_.run(request_.service.load, pools));
    };
    std::int64_t too_few = now.*pool;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      auto [change, run] = at(2 * too_few);
      if (!keeps(run)) {
        too_few *= 2;
        if (attempt + 1 == kAttempts) take(change, run);
        continue;
      }
      std::int64_t enough = 2 * too_few;
      while (enough - too_few > 1) {
        const std::int64_t middle = too_few + (enough - too_few) / 2;
        auto [fewer, its_run] = at(middle);
        if (keeps(its_run)) {
          enough = middle;
          change = fewer;
          run = its_run;
        } else {
          too_few = middle;
        }
      }
      take(change, run);
      return;
    }
  }

  /// What the search found.
  void smaller_load() {
    const std::int64_t schedulers = service_.schedulers();
    MeetChange change = {"request_rate", {}, service_.gpus(), {}, schedulers};
    if (request_.service.load.closed()) {
      change.change = "concurrency";
      change.value = capacity_.users * schedulers;
      take(std::move(change), capacity_.at_users);
    } else {
      change.value = capacity_.requests_per_s * static_cast<double>(schedulers);
      take(std::move(change), capacity_.at_rate);
    }
  }

  void fewest_accelerators_first() {
    std::stable_sort(
        found_.changes.begin(), found_.changes.end(),
        [](const MeetChange& left, const MeetChange& right) { return left.gpus < right.gpus; });
  }

  const ToMeet& found() const { return found_; }

 private:
  static constexpr std::int64_t kMostReplicas = 1024;

  bool keeps(const std::optional<ServiceRun>& run) const {
    return run && keeps_limits(*run, request_.service.limits);
  }

  /// Keeps the change, among those that keep the limits or the others. Of one kind only the last
  /// that failed says anything.
  bool take(MeetChange change, const std::optional<ServiceRun>& run) {
    const bool good = keeps(run);
    std::vector<MeetChange>& failed = found_.failed;
    if (!failed.empty() && failed.back().change == change.change) failed.pop_back();
    if (run) change.run = *run;
    (good ? found_.changes : failed).push_back(std::move(change));
    return good;
  }

  void reread(const char* name, const OrderedJson& value, const Json& changed) {
    const Result<Request> read = read_request(changed, presets_);
    if (!read.ok()) return;
    const Request& request = read.value();
    const Load load = {1, request.workload.input_tokens + request.workload.output_tokens};
    const MemoryPlan memory = plan_memory(request.architecture, request.layout, request.accelerator,
                                          request.allocation, load);
    SimulatedService service(request, calibrations_);
    std::optional<ServiceRun> run;
    if (memory.fits) run = service.run(request.service.load, service.schedulers());
    take({name, value, service.gpus(), {}, service.schedulers()}, run);
  }

  const Request& request_;
  const Json& json_;
  const Presets& presets_;
  const CalibrationSet& calibrations_;
  const SimulatedService& service_;
  const Capacity& capacity_;
  ToMeet found_;
};

}  // namespace

ToMeet changes_to_meet(const Asked& asked, const CalibrationSet& calibrations,
                       const SimulatedService& service, const Capacity& capacity,
                       const Progress& progress) {
  const Request& request = *asked.request;
  ToMeet kept;
  kept.keeps = service.keeps(request.service.limits);
  if (kept.keeps) return kept;
  Search search(asked, calibrations, service, capacity);
  search.kv_cache();
  progress(0.3);
  if (request.disaggregation) {
    search.instances("prefill_instances", *request.disaggregation, &Disaggregation::prefill);
    search.instances("decode_instances", *request.disaggregation, &Disaggregation::decode);
  } else {
    search.replicas();
  }
  progress(0.5);
  search.tensor_parallel();
  progress(0.9);
  search.fewest_accelerators_first();
  // Less load comes last: it is no answer to what was asked.
  if (request.service.load.closed() ? capacity.at_users : capacity.at_rate) search.smaller_load();
  progress(1);
  return search.found();
}

}  // namespace tokencast
