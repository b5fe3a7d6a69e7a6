// The simulated service: figures by hand, and the laws that hold for every load.
#include "serving/service.h"

#include "catch.h"
#include "cost/roofline.h"
#include "models.h"
#include "serving/closed_loop.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

/// An engine that takes 10 ms for each step, and 1 ms more for each 100 tokens of prompt. Its band
/// is 0.8 to 2 times that.
Banded linear_time(const std::vector<Step>& parts) {
  double time_s = 0.010;
  for (const Step& part : parts) {
    if (part.phase != Phase::kPrefill) continue;
    time_s += 0.00001 * static_cast<double>(part.sequences * part.new_tokens);
  }
  return {time_s, 0.8 * time_s, 2 * time_s, Source::kTransferred};
}

const KvPool kPlenty = {1e12, 0, 1};

ServiceLoad users(std::int64_t count, double input, double output) {
  ServiceLoad load;
  load.users = count;
  load.input_tokens = input;
  load.output_tokens = output;
  return load;
}

ServiceLoad rate(double per_s, double input, double output) {
  ServiceLoad load = users(0, input, output);
  load.request_rate = per_s;
  return load;
}

ServiceRun run(const ServiceLoad& load, const EngineLimits& limits = {},
               const KvPool& pool = kPlenty) {
  ServiceSteps steps(linear_time, load);
  return run_service(load, limits, pool, steps, End::kValue);
}

void check_ordered(const Distribution& d) {
  CHECK(d.p50 <= d.p90);
  CHECK(d.p90 <= d.p95);
  CHECK(d.p95 <= d.p99);
}

/// request_s: what requests take to the queue.
void check_laws(const ServiceRun& service, double request_s = 0) {
  CHECK(service.in_system == Approx(service.requests_per_s * service.latency_s.mean).epsilon(0.02));
  const double on_their_way = service.requests_per_s * request_s;
  CHECK(service.in_system == Approx(service.queued + service.running + on_their_way)
                                 .epsilon(request_s > 0 ? 0.001 : 1e-6));
  CHECK(service.busy <= 1 + 1e-9);
  CHECK(service.kv_used <= 1 + 1e-9);
  for (const Distribution* d :
       {&service.ttft_s, &service.tpot_s, &service.itl_s, &service.latency_s}) {
    check_ordered(*d);
  }
}

}  // namespace

TEST_CASE("one user of a service waits for nobody", "[service]") {
  // Prefill of 1000 tokens: 10 + 10 ms. 100 later tokens: 10 ms each. 1.02 s per request.
  const ServiceRun alone = run(users(1, 1000, 101));
  CHECK(alone.ttft_s.mean == Approx(0.020));
  CHECK(alone.ttft_s.p99 == Approx(0.020));
  CHECK(alone.tpot_s.p50 == Approx(0.010));
  CHECK(alone.itl_s.p50 == Approx(0.010));
  CHECK(alone.latency_s.mean == Approx(1.020));
  CHECK(alone.requests_per_s == Approx(1 / 1.020));
  CHECK(alone.output_tokens_per_s == Approx(101 / 1.020));
  CHECK(alone.busy == Approx(1));
  CHECK(alone.in_system == Approx(1));
  CHECK(alone.preemptions == 0);
}

TEST_CASE("a request is in the system from when it is sent", "[service]") {
  // 80 ms to the queue, then 1.02 s as above: 1.1 s, in which the engine idles for 80 ms.
  EngineLimits limits;
  limits.request_s = 0.080;
  const ServiceRun alone = run(users(1, 1000, 101), limits);
  CHECK(alone.ttft_s.mean == Approx(0.100));
  CHECK(alone.tpot_s.mean == Approx(0.010));
  CHECK(alone.requests_per_s == Approx(1 / 1.1));
  CHECK(alone.busy == Approx(1.02 / 1.1));
  CHECK(alone.queued == Approx(0).margin(1e-9));
  CHECK(alone.running == Approx(1.02 / 1.1));
  CHECK(alone.in_system == Approx(1));
  const ServiceRun arriving = run(rate(0.5, 1000, 101), limits);
  CHECK(arriving.ttft_s.mean > 0.100);
  CHECK(arriving.in_system ==
        Approx(arriving.requests_per_s * arriving.latency_s.mean).epsilon(0.02));
}

TEST_CASE("a user who thinks leaves the service idle", "[service]") {
  // 1.02 s of service and 1.02 s of thought on average: busy half of the time. 4,000 draws of an
  // exponential: their mean is within 5 % (three standard deviations).
  ServiceLoad load = users(1, 1000, 101);
  load.think_time_s = 1.02;
  load.requests = 4000;
  const ServiceRun idle = run(load);
  CHECK(idle.busy == Approx(0.5).epsilon(0.05));
  CHECK(idle.latency_s.mean == Approx(1.020));
  check_laws(idle);
}

TEST_CASE("a cached prefix is not prefilled", "[service]") {
  // 600 of 1000 tokens are there: 400 take 4 ms beside the step's 10.
  ServiceLoad load = users(1, 1000, 101);
  load.prefix_hit = 0.6;
  CHECK(run(load).ttft_s.mean == Approx(0.014));
}

TEST_CASE("long prompts go in chunks of the budget", "[service]") {
  // 20480 tokens in steps of 8192: three steps of 10 ms, and 204.8 ms for the tokens.
  CHECK(run(users(1, 20480, 11)).ttft_s.mean == Approx(0.2348));
  EngineLimits whole;
  whole.chunks = false;
  CHECK(run(users(1, 20480, 11), whole).ttft_s.mean == Approx(0.2148));
}

TEST_CASE("places and KV cache are waited for, and it is said which", "[service]") {
  EngineLimits limits;
  limits.max_sequences = 8;
  const ServiceRun places = run(users(32, 100, 100), limits);
  CHECK(places.running == Approx(8).epsilon(0.02));
  CHECK(places.queued == Approx(24).epsilon(0.02));
  CHECK(places.blocked_sequences > 0.9);
  check_laws(places);

  // Room for 1000 tokens, 200 at most for each: an engine that reserves them runs 5.
  limits.max_sequences = 256;
  limits.reserves_output = true;
  const ServiceRun reserved = run(users(32, 100, 100), limits, {1000, 0, 1});
  CHECK(reserved.running == Approx(5).epsilon(0.02));
  CHECK(reserved.preemptions == 0);
  CHECK(reserved.blocked_kv > 0.9);
  check_laws(reserved);

  // One that does not runs more, and has to put some back.
  limits.reserves_output = false;
  const ServiceRun preempting = run(users(32, 100, 100), limits, {1000, 0, 1});
  CHECK(preempting.running > 5.5);
  CHECK(preempting.preemptions > 0);
  CHECK(preempting.kv_used > 0.8);
  check_laws(preempting);
}

TEST_CASE("what limits next, by hand", "[service]") {
  struct Case {
    std::int64_t users, places;
    double pool_tokens;
    bool reserves;
    ServiceLimit limit;
    std::optional<std::pair<ServiceLimit, std::int64_t>> next;
  };
  // Requests of 100 + 100 tokens: 150 on average, half through.
  const std::vector<Case> cases = {
      {32, 8, 3000, false, ServiceLimit::kSequences, {{ServiceLimit::kKvCache, 3000 / 150}}},
      {32, 256, 1000, false, ServiceLimit::kKvCache, {{ServiceLimit::kSequences, 256}}},
      {32, 256, 1000, true, ServiceLimit::kKvCache, {{ServiceLimit::kSequences, 256}}},
      {2, 256, 1000, true, ServiceLimit::kDemand, {{ServiceLimit::kKvCache, 1000 / 200}}},
      {2, 4, 1000, true, ServiceLimit::kDemand, {{ServiceLimit::kSequences, 4}}},
      // Room for six, and six places: nothing more is known.
      {32, 6, 900, false, ServiceLimit::kSequences, {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.users, c.places, c.pool_tokens, c.reserves);
    const ServiceLoad load = users(c.users, 100, 100);
    ServiceSteps steps(linear_time, load);
    EngineLimits limits;
    limits.max_sequences = c.places;
    limits.reserves_output = c.reserves;
    const ServiceAnswer answer =
        answer_service(load, {&steps, limits, {c.pool_tokens, 0, 1}}, [](double) {});
    REQUIRE(answer.limit == c.limit);
    REQUIRE(answer.next.has_value() == c.next.has_value());
    if (!c.next) continue;
    CHECK(answer.next->limit == c.next->first);
    CHECK(answer.next->sequences == c.next->second);
  }
  // At a rate that can be served: what limits at saturation, and its rate.
  const ServiceLoad slow = rate(1, 100, 100);
  ServiceSteps steps(linear_time, slow);
  EngineLimits few;
  few.max_sequences = 8;
  const ServiceAnswer answer = answer_service(slow, {&steps, few, kPlenty}, [](double) {});
  CHECK(answer.limit == ServiceLimit::kDemand);
  CHECK(answer.next->limit == ServiceLimit::kSequences);
  CHECK(answer.next->requests_per_s == answer.saturation_requests_per_s->value);
}

TEST_CASE("requests at a rate wait as queueing theory has it", "[service]") {
  // One place, 0.1 s of service: an M/D/1 queue. At a load of ½ requests wait ½·0.1/(2·½) = 0.05 s
  // on average (Pollaczek-Khinchine); the step at work ends before the next one starts.
  EngineLimits limits;
  limits.max_sequences = 1;
  ServiceLoad load = rate(5, 1, 10);
  load.requests = 40000;
  const auto fixed = [](const std::vector<Step>&) {
    return Banded{0.010, 0.010, 0.010, Source::kMeasured};
  };
  ServiceSteps steps(fixed, load);
  const ServiceRun queue = run_service(load, limits, kPlenty, steps, End::kValue);
  CHECK(queue.requests_per_s == Approx(5).epsilon(0.03));
  CHECK(queue.busy == Approx(0.5).epsilon(0.03));
  CHECK(queue.latency_s.mean == Approx(0.150).epsilon(0.05));
  check_laws(queue);

  load.arrivals = Arrivals::kConstant;  // evenly: nobody waits
  CHECK(run_service(load, limits, kPlenty, steps, End::kValue).latency_s.p99 ==
        Approx(0.100).epsilon(0.001));
  load.arrivals = Arrivals::kBursty;  // in bursts: longer than at random
  load.burstiness = 0.25;
  CHECK(run_service(load, limits, kPlenty, steps, End::kValue).latency_s.mean > 0.2);
}

TEST_CASE("a service that holds more requests than are measured is seen when it is full",
          "[service]") {
  // 600 steps of 10 ms and what prompts add: 6 s for each of 40 requests/s, some 250 at once, of
  // which a hundred are asked for. Warm-up ended with the 25th, when hardly any had ended, and the
  // end came after 400, however the ages differed: rate times latency was a third off.
  EngineLimits limits;
  limits.max_sequences = 1024;
  for (const Arrivals arrivals : {Arrivals::kConstant, Arrivals::kPoisson, Arrivals::kBursty}) {
    ServiceLoad load = rate(40, 100, 600);
    load.requests = 100;
    load.arrivals = arrivals;
    load.burstiness = 0.25;
    load.lengths = Lengths::kLognormal;
    load.output_spread = 1;
    CAPTURE(static_cast<int>(arrivals));
    const ServiceRun full = run(load, limits);
    CHECK(full.in_system > 200);
    check_laws(full);
  }
}

TEST_CASE("a queue that grows without end is left in time", "[service]") {
  // One place for 0.1 s: ten of a hundred requests/s.
  EngineLimits limits;
  limits.max_sequences = 1;
  ServiceLoad load = rate(100, 1, 10);
  load.requests = 100;
  for (const bool settles : {true, false}) {
    load.settles = settles;
    const ServiceRun overrun = run(load, limits);
    CHECK(overrun.requests_per_s == Approx(10).epsilon(0.02));
    CHECK(overrun.requests <= (settles ? 64 : 16) * load.requests);
    CHECK_FALSE(overrun.settled);
  }
}

// In 300 requests the system went from a few to 265, where 15.5 by Little's law had been answered.
TEST_CASE("prompts that come first and keep others from decoding", "[service]") {
  EngineLimits limits;
  limits.prefill = PrefillPolicy::kFirst;
  // A prompt takes 20 ms, and another has come by then: nobody decodes until all places are taken.
  ServiceLoad load = rate(60, 1000, 2);
  load.arrivals = Arrivals::kConstant;
  ServiceSteps steps(linear_time, load);
  // With 100 places they are soon taken. Places come free in one step of all, so that half of them
  // or more are taken from then on: latency is a second, not 30 ms.
  limits.max_sequences = 100;
  const ServiceAnswer full = answer_service(load, {&steps, limits, kPlenty}, [](double) {});
  CHECK(full.stable);
  check_laws(full.run);
  CHECK(full.run.in_system > 40);
  // A hundred thousand are not in as long as one looks. Some have a single token, and leave.
  limits.max_sequences = 100'000;
  load.lengths = Lengths::kLognormal;
  load.output_tokens = load.output_spread = 1;
  const ServiceAnswer growing = answer_service(load, {&steps, limits, kPlenty}, [](double) {});
  CHECK_FALSE(growing.stable);
  CHECK(growing.grows);
  CHECK(growing.limit == ServiceLimit::kCompute);
  CHECK_FALSE(keeps_limits(growing.run, {}));
}

TEST_CASE("a rate above saturation is answered with what can be served", "[service]") {
  ServiceLoad load = rate(1000, 1000, 101);
  ServiceSteps steps(linear_time, load);
  const Server server = {&steps, {}, kPlenty};
  const ServiceAnswer answer = answer_service(load, server, [](double) {});
  CHECK_FALSE(answer.stable);
  // 7,936 tokens of prompt beside 256 that decode: 7.9 prompts of 1 to 2 … steps of 10 ms that
  // decode 256 tokens, 10 ms for each prompt: 1 / (101·10 ms / 256 + 10 ms) = 72 requests/s.
  CHECK(answer.saturation_requests_per_s->value == Approx(72).epsilon(0.05));
  CHECK(answer.saturation_requests_per_s->low < answer.saturation_requests_per_s->value);
  CHECK(answer.limit != ServiceLimit::kDemand);

  load.request_rate = 30;
  const ServiceAnswer stable = answer_service(load, server, [](double) {});
  CHECK(stable.stable);
  CHECK(stable.run.requests_per_s == Approx(30).epsilon(0.1));
  CHECK(stable.limit == ServiceLimit::kDemand);
  CHECK(stable.low.ttft_s.mean < stable.run.ttft_s.mean);
  CHECK(stable.run.ttft_s.mean < stable.high.ttft_s.mean);
}

TEST_CASE("the highest load that keeps limits", "[service]") {
  ServiceLoad load = rate(1, 1000, 101);
  ServiceSteps steps(linear_time, load);
  const Server server = {&steps, {}, kPlenty};
  const auto capacity = [&](double tpot_s) {
    return find_capacity(load, trials_of(load, server), {{Metric::kTpot, Statistic::kMean, tpot_s}},
                         {}, [](double) {});
  };
  // Users: TPOT = 10 + (N − 1)/100 · 10 ms by the closed form: 16 ms at 61 users.
  const Capacity some = capacity(0.016);
  CHECK(some.users == Approx(61).epsilon(0.1));
  CHECK(some.at_users->tpot_s.mean <= 0.016);
  // A request takes 20 ms + 100 · 16 ms: 1.62 s for each of 61.
  CHECK(some.requests_per_s == Approx(61 / 1.62).epsilon(0.1));
  CHECK(capacity(0.020).users > some.users);
  CHECK(capacity(0.009).users == 0);
  CHECK(capacity(0.009).requests_per_s == 0);
}

// It had no band.
// Where the KV cache held four, the curve ended at 8 users although 32 were asked for.
TEST_CASE("the curve goes as far as the users that are asked for", "[service]") {
  for (const std::int64_t count : {1, 8, 32, 33}) {
    const ServiceLoad load = users(count, 1000, 101);
    ServiceSteps steps(linear_time, load);
    const Server server = {&steps, {}, {4 * 1101.0, 0, 1}};
    const auto curve = service_curve(load, trials_of(load, server), [](double) {});
    CAPTURE(count);
    CHECK(curve.back().users >= count);
    CHECK(curve.back().users <= std::max<std::int64_t>(2 * count, 8));
    CHECK(curve.back().run.settled);
  }
}

TEST_CASE("the highest load has a band as wide as that of steps makes it", "[service]") {
  ServiceLoad load = rate(1, 1000, 101);
  ServiceSteps steps(linear_time, load);
  const Server server = {&steps, {}, kPlenty};
  const Capacity some = find_capacity(
      load, trials_of(load, server), {{Metric::kTpot, Statistic::kMean, 0.024}}, {}, [](double) {});
  // Steps take 0.8 to 2 times as long: TPOT = f · (10 + (N − 1) / 10) ms is 24 ms at 141 users, at
  // 21 at the slow end and at 201 at the fast one.
  CHECK(some.users == Approx(141).epsilon(0.1));
  CHECK(some.users_band.low == Approx(21).epsilon(0.2));
  CHECK(some.users_band.high == Approx(201).epsilon(0.15));
  // A request takes f · 20 ms + 100 · 24 ms.
  CHECK(some.rate_band.low == Approx(21 / 2.44).epsilon(0.2));
  CHECK(some.requests_per_s == Approx(141 / 2.42).epsilon(0.1));
  CHECK(some.rate_band.high == Approx(201 / 2.416).epsilon(0.15));
  // At the slow end not even one user has a token in less than 20 ms.
  const Capacity barely = find_capacity(
      load, trials_of(load, server), {{Metric::kTpot, Statistic::kMean, 0.016}}, {}, [](double) {});
  CHECK(barely.users > 0);
  CHECK(barely.users_band.low == 0);
  CHECK(barely.rate_band.low == 0);
}

TEST_CASE("the closed form agrees with the simulated service", "[service]") {
  const Architecture model = architecture_of(kQwen25_32B);
  const Layout layout = layout_of(model);
  const Accelerator accelerator = preset_accelerator("h20-96-sxm");
  const Deployment deployment = {&model, &layout, generic_model(accelerator)};
  const StepTimes times = [&](const std::vector<Step>& parts) {
    return step_time(deployment, parts);
  };
  for (const PrefillPolicy policy : {PrefillPolicy::kMixed, PrefillPolicy::kFirst}) {
    EngineLimits limits;
    limits.prefill = policy;
    for (const auto& [input, output] :
         {std::pair<std::int64_t, std::int64_t>{256, 512}, {1024, 1024}, {4096, 256}}) {
      for (const std::int64_t count : {1, 2, 4, 8, 16, 24, 32, 64}) {
        const Workload workload = {input, output, count};
        const ClosedLoop loop = run_closed_loop(times, limits, 1 << 20, workload);
        const ServiceLoad load =
            users(count, static_cast<double>(input), static_cast<double>(output));
        ServiceSteps steps(times, load);
        const ServiceRun service = run_service(load, limits, kPlenty, steps, End::kValue);
        INFO("policy " << static_cast<int>(policy) << " input " << input << " output " << output
                       << " users " << count);
        CHECK(loop.requests_per_s.value == Approx(service.requests_per_s).epsilon(0.05));
        CHECK(loop.tpot_s.value == Approx(service.tpot_s.mean).epsilon(0.05));
        CHECK(loop.latency_s.value == Approx(service.latency_s.mean).epsilon(0.05));
        check_laws(service);
      }
    }
  }
}

TEST_CASE("laws of the service over random loads", "[service]") {
  // A model of each kind: dense, experts, latent attention; loads drawn by a seed.
  struct Case {
    const char *model, *card;
    std::int64_t tp;
  };
  const std::vector<Case> cases = {{"qwen2.5-7b", "rtx-4090", 1},
                                   {"qwen3-30b-a3b", "h100-80-sxm", 1},
                                   {"deepseek-r1", "h200-141-sxm", 8}};
  std::int64_t number = 0;
  for (const Case& c : cases) {
    const Architecture model = preset_architecture(c.model);
    const Layout layout = layout_of(model, c.tp);
    const Accelerator card = preset_accelerator(c.card);
    for (int trial = 0; trial < 12; ++trial) {
      const auto draw = [&](double low, double high) {
        return low + (high - low) * Random(7, Draw::kStart, ++number).uniform();
      };
      ServiceLoad load;
      load.users = static_cast<std::int64_t>(draw(1, 80));
      load.input_tokens = std::floor(draw(50, 6000));
      load.output_tokens = std::floor(draw(2, 600));
      load.lengths = static_cast<Lengths>(static_cast<int>(draw(0, 2.999)));
      load.input_spread = load.output_spread = draw(0, 1);
      load.prefix_hit = draw(0, 0.9);
      load.think_time_s = trial % 2 == 0 ? 0 : draw(0, 5);
      load.requests = 400;
      EngineLimits limits;
      limits.prefill = trial % 3 == 0 ? PrefillPolicy::kFirst : PrefillPolicy::kMixed;
      limits.reserves_output = trial % 4 == 0;
      limits.chunks = trial % 5 != 0;
      limits.max_sequences = static_cast<std::int64_t>(draw(4, 256));
      limits.step_tokens = static_cast<std::int64_t>(draw(512, 16384));
      limits.request_s = trial % 7 == 0 ? 0.05 : 0;
      const KvPool pool = {draw(20000, 400000), 0, 1};
      const auto run_on = [&](const Accelerator& on, const KvPool& with, const ServiceLoad& of) {
        const Deployment deployment = {&model, &layout, generic_model(on)};
        ServiceSteps steps(
            [&](const std::vector<Step>& parts) { return step_time(deployment, parts); }, load);
        return run_service(of, limits, with, steps, End::kValue);
      };
      CAPTURE(c.model, trial, load.users, load.input_tokens, load.output_tokens, load.prefix_hit,
              load.think_time_s, pool.bytes);
      const ServiceRun base = run_on(card, pool, load);
      check_laws(base, limits.request_s);
      const ServiceRun again = run_on(card, pool, load);
      CHECK(again.ttft_s.p99 == base.ttft_s.p99);
      CHECK(again.duration_s == base.duration_s);

      // Alone on the deployment nobody answers later.
      ServiceLoad alone = load;
      alone.users = 1;
      constexpr double kChance = 0.95;  // other requests of the same distribution are measured
      CHECK(base.ttft_s.mean >= kChance * run_on(card, pool, alone).ttft_s.mean);

      // The same requests take other steps together, and other ones are seen last.
      constexpr double kNearly = 0.99;
      Accelerator better = card;
      better.memory_bandwidth_bytes_per_s *= 2;
      for (double& peak : better.peak_flops_per_s) peak *= 2;
      CHECK(run_on(better, pool, load).total_tokens_per_s >= kNearly * base.total_tokens_per_s);
      CHECK(run_on(card, {2 * pool.bytes, 0, 1}, load).total_tokens_per_s >=
            kNearly * base.total_tokens_per_s);

      // No more tokens after the first than steps of all that run bring forth by the roofline, even
      // where they attend to nothing.
      const Deployment deployment = {&model, &layout, generic_model(card)};
      const std::int64_t most = std::min(load.users, limits.max_sequences);
      const double step_s = step_floor_s(deployment, {Step{Phase::kDecode, most, 1, 1, 1}});
      const double later_per_s = base.output_tokens_per_s - base.requests_per_s;
      CHECK(later_per_s <= static_cast<double>(most) / step_s);
      // And no more than can be multiplied, with the part of the prompts that is not cached.
      const auto compute_s = [&](const Step& step) {
        return physical_limit(build_step(model, layout, step), card).compute_s /
               static_cast<double>(step.sequences);
      };
      constexpr std::int64_t kMany = 4096;
      const double prompt_s = compute_s({Phase::kPrefill, kMany, 1, 1, 1, 0});
      const double output_s = compute_s({Phase::kDecode, kMany, 1, 1, 1});
      const double prompts_per_s = base.total_tokens_per_s - base.output_tokens_per_s;
      constexpr double kSeen = 1.02;  // what was computed before and after the window
      CHECK((1 - load.prefix_hit) * prompts_per_s * prompt_s + later_per_s * output_s <= kSeen);
    }
  }
}
