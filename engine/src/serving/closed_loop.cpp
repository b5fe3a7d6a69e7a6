#include "serving/closed_loop.h"

#include <algorithm>
#include <cmath>

namespace tokencast {
namespace {

double as_double(std::int64_t value) { return static_cast<double>(value); }

/// How steps take prompts.
struct Prompts {
  Step part;
  std::int64_t together = 1;  ///< prompts of one step
  double steps = 1;           ///< that one prompt takes
};

class Loop {
 public:
  Loop(const StepTimes& times, const EngineLimits& limits, std::int64_t running,
       const Workload& workload)
      : times_(times),
        limits_(limits),
        running_(running),
        workload_(workload),
        decode_steps_(as_double(workload.output_tokens - 1) / limits.tokens_per_step) {}

  ClosedLoop solve() const {
    if (workload_.output_tokens == 1) return prompts_only();
    const Prompts prompts = prompts_of_step();
    // Steps that prefill, in a cycle of all that run, of which each sees its own among them.
    const double prefills = as_double(running_) * prompts.steps / as_double(prompts.together);
    const bool mixed = limits_.prefill == PrefillPolicy::kMixed;
    if (mixed && prefills > decode_steps_ + prompts.steps) return prefill_in_every_step();

    const Banded decode_s = times_({decode(running_)});
    std::vector<Step> parts = {prompts.part};
    const std::int64_t beside = running_ - prompts.together;
    if (mixed && beside > 0) parts.push_back(decode(beside));
    const Banded prefill_s = times_(parts);
    // A step that prefills others takes the place of one that only decodes, or comes on top of it.
    const double of_others = prefills - prompts.steps;
    const double replaced = mixed ? std::min(of_others, decode_steps_) : 0;
    const Banded cycle_s =
        (decode_steps_ - replaced) * decode_s + (of_others + prompts.steps) * prefill_s;
    const Banded step_s =
        (1 / decode_steps_) * ((decode_steps_ - replaced) * decode_s + of_others * prefill_s);
    return result((1 / as_double(running_)) * cycle_s, step_s);
  }

 private:
  Step decode(std::int64_t sequences) const {
    return Step::decode(sequences, workload_.input_tokens, workload_.output_tokens);
  }

  /// One prompt at a time, in chunks where it needs them; several together where fewer steps than
  /// prompts pass.
  Prompts prompts_of_step() const {
    const std::int64_t prompt = workload_.input_tokens;
    const std::int64_t beside =
        limits_.prefill == PrefillPolicy::kMixed ? (running_ - 1) * limits_.decoded_tokens : 0;
    const std::int64_t room = std::max<std::int64_t>(limits_.step_tokens - beside, 1);
    if (prompt > room && limits_.chunks) {
      const std::int64_t chunks = (prompt + room - 1) / room;
      return {Step::chunk(1, prompt, chunks), 1, as_double(chunks)};
    }
    const std::int64_t fitting = std::max<std::int64_t>(room / prompt, 1);
    const auto steps = static_cast<std::int64_t>(std::ceil(decode_steps_)) + 1;
    const std::int64_t together = std::min((running_ + steps - 1) / steps, fitting);
    return {Step::prefill(together, prompt), together, 1};
  }

  /// Prompts fill what decoding leaves of each step, and wait for their turn: as many sequences
  /// decode as such steps bring forth.
  ClosedLoop prefill_in_every_step() const {
    const double prompt = as_double(workload_.input_tokens);
    const double budget = as_double(limits_.step_tokens);
    const double width = as_double(limits_.decoded_tokens);
    double decoding = decode_steps_ * budget / (prompt + decode_steps_ * width);
    double tokens = budget - decoding * width;
    if (!limits_.chunks) {
      const double whole = std::max(std::floor(tokens / prompt), 1.0);
      tokens = whole * prompt;
      decoding = whole * decode_steps_;
    }
    const double fewer = std::min(1.0, as_double(running_) / decoding);
    decoding *= fewer;
    tokens *= fewer;
    const auto sequences = static_cast<std::int64_t>(std::floor(decoding + 0.5));
    std::vector<Step> parts = {prompt_part(
        std::max<std::int64_t>(static_cast<std::int64_t>(tokens), 1), workload_.input_tokens)};
    if (sequences > 0) parts.push_back(decode(sequences));
    const Banded step_s = times_(parts);
    return result((prompt / tokens) * step_s, step_s);
  }

  ClosedLoop prompts_only() const {
    const std::int64_t prompt = workload_.input_tokens;
    const std::int64_t whole = std::max(limits_.step_tokens / prompt, std::int64_t{1}) * prompt;
    const std::int64_t most = limits_.chunks ? limits_.step_tokens : whole;
    const std::int64_t taken = std::min(running_ * prompt, most);
    const Banded step_s = times_({prompt_part(taken, prompt)});
    return result((as_double(prompt) / as_double(taken)) * step_s, {});
  }

  /// request_s: time between the ends of two requests; step_s: that of a step in which others
  /// decode, on average. All else is Little's law.
  ClosedLoop result(const Banded& request_s, const Banded& step_s) const {
    ClosedLoop loop;
    loop.running = running_;
    loop.tpot_s = (1 / limits_.tokens_per_step) * step_s;
    loop.decoding = decode_steps_ * step_s.value / request_s.value;
    loop.latency_s = as_double(workload_.concurrency) * request_s;
    loop.ttft_s = loop.latency_s - decode_steps_ * step_s;
    const double output = as_double(workload_.output_tokens);
    loop.requests_per_s = rate_of(1, request_s);
    loop.output_tokens_per_s = rate_of(output, request_s);
    loop.total_tokens_per_s = rate_of(output + as_double(workload_.input_tokens), request_s);
    return loop;
  }

  const StepTimes& times_;
  const EngineLimits& limits_;
  std::int64_t running_;
  const Workload& workload_;
  double decode_steps_;
};

}  // namespace

std::int64_t sequences_in_memory(const Deployment& deployment, const EngineLimits& limits,
                                 const Workload& workload) {
  const std::int64_t held =
      limits.reserves_output ? workload.output_tokens : (workload.output_tokens + 1) / 2;
  const Architecture& architecture = *deployment.architecture;
  const Accelerator& accelerator = *deployment.cost.accelerator;
  const Allocation allocation =
      default_allocation(limits.engine, architecture, accelerator, deployment.layout->tp,
                         {limits.max_sequences, limits.step_tokens});
  const MemoryPlan plan = plan_memory(architecture, *deployment.layout, accelerator, allocation,
                                      {1, workload.input_tokens + held});
  return std::max<std::int64_t>(plan.max_concurrency, 1);
}

ClosedLoop run_closed_loop(const StepTimes& times, const EngineLimits& limits,
                           std::int64_t memory_sequences, const Workload& workload) {
  const std::int64_t places = std::min(limits.max_sequences, memory_sequences);
  const std::int64_t running = std::min(places, workload.concurrency);
  ClosedLoop loop = Loop(times, limits, running, workload).solve();
  if (workload.concurrency > places) {
    loop.limit = memory_sequences < limits.max_sequences ? LoopLimit::kMemory : LoopLimit::kEngine;
  }
  return loop;
}

}  // namespace tokencast
