#include "accuracy/predict.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <variant>

#include "cost/roofline.h"
#include "memory/activations.h"
#include "memory/kv_cache.h"
#include "serving/closed_loop.h"

namespace tokencast::accuracy {
namespace {

constexpr double kMilliseconds = 1e3;
constexpr double kGiB = 1024.0 * 1024 * 1024;

double as_double(std::int64_t value) { return static_cast<double>(value); }

/// What one of the layout's schedulers serves: an equal share.
RequestRun share_of(RequestRun load, const Layout& layout) {
  load.users = largest_share(load.users, layout.schedulers());
  load.requests = largest_share(load.requests, layout.schedulers());
  return load;
}

/// Seconds of the prefill of a static batch, in steps of at most limits.step_tokens.
Banded prefill_time(const ServingCase& serving, const StepTimes& times) {
  const std::int64_t batch = share_of(serving.load, serving.layout).users;
  const std::int64_t prompt = serving.load.input_tokens;
  const std::int64_t most = serving.limits.step_tokens;
  Banded total;
  double steps = 1;
  if (prompt > most) {
    const std::int64_t chunks = (prompt + most - 1) / most;
    steps = as_double(batch * chunks);
    total = steps * times({Step::chunk(1, prompt, chunks)});
  } else {
    const std::int64_t together = std::min(most / prompt, batch);
    const std::int64_t rest = batch % together;
    steps = as_double(batch / together) + (rest > 0 ? 1 : 0);
    total = as_double(batch / together) * times({Step::prefill(together, prompt)});
    if (rest > 0) total += times({Step::prefill(rest, prompt)});
  }
  // llama.cpp's stages work on several steps at a time, as far as there are several; those of
  // transformers wait for each other.
  const bool pipelined = serving.engine.family == EngineFamily::kLlamaCpp;
  const double stages = pipelined ? as_double(serving.stages) : 1;
  return (steps + stages - 1) / (steps * stages) * total;
}

/// Bytes that torch has allocated over all GPUs at the peak, with transformers: weights, KV cache
/// and activations of the whole prompt.
double allocated_bytes(const ServingCase& serving) {
  const Architecture& architecture = serving.model->architecture;
  const Layout& layout = serving.layout;
  const RequestRun& run = serving.load;
  const std::int64_t context = run.input_tokens + run.output_tokens;
  const double per_token = activation_bytes_per_token(architecture, layout);
  const double prompt = as_double(run.users) * as_double(run.input_tokens);
  double bytes = weight_bytes_per_rank(architecture, layout.weights, layout.tp) +
                 as_double(run.users) * kv_bytes_per_sequence(architecture, layout, context);
  // Its logits: since 4.45 of the last token only (num_logits_to_keep), before that of all, in 16
  // bit and once more in fp32. From 4.50 on published peaks leave no room for activations.
  constexpr double kLogitBytes = 2 + 4;
  if (!serving.engine.at_least(4, 50)) bytes += prompt * per_token;
  if (!serving.engine.at_least(4, 45)) {
    bytes += prompt * as_double(architecture.vocabulary) * kLogitBytes;
  }
  return bytes;
}

}  // namespace

/// Remembers what the kernels of steps take, by the steps' numbers.
struct Predictor::Known {
  struct Kernels {
    double overhead_s = 0, busy_s = 0, least_s = 0;
  };
  struct KernelsOfStep {
    double overhead_s = 0;  ///< that graphs hide, of all but routed experts
    double busy_s = 0;      ///< the rest of their times
    std::vector<Kernels> experts;
    double floor_s = 0;
    StepShape shape;
    Source source = Source::kGeneric;
  };

  ServingCase serving;  ///< what the deployment's pointers point into
  Deployment deployment;
  int generation = 0;
  std::map<std::vector<std::int64_t>, KernelsOfStep> steps;
  std::map<std::pair<std::int64_t, std::int64_t>, StepTable> tables;  ///< by longest lengths

  Banded time(const std::vector<Step>& parts) {
    std::vector<std::int64_t> key;
    for (const Step& part : parts) {
      constexpr double kShares = 1 << 20;
      key.insert(key.end(), {static_cast<std::int64_t>(part.phase), part.sequences, part.new_tokens,
                             part.first_context, part.last_context,
                             static_cast<std::int64_t>(part.emitting * kShares)});
    }
    const auto [found, fresh] = steps.try_emplace(std::move(key));
    KernelsOfStep& step = found->second;
    if (fresh) {
      CostModel alone = deployment.cost;
      alone.profile.graph = alone.profile.experts = alone.profile.decode_experts = 1;
      step.shape = shape_of(deployment, parts);
      const StepCost cost = step_cost({deployment.architecture, deployment.layout, alone}, parts);
      for (const OperatorCost& op : cost.operators) {
        const bool exchange = std::holds_alternative<Communication>(op.op.shape);
        const double overhead_s = exchange ? 0 : op.parts.overhead_s;
        const double busy_s = op.time_s - overhead_s;
        if (std::holds_alternative<Experts>(op.op.shape)) {
          step.experts.push_back({overhead_s, busy_s, op.least_s});
        } else {
          step.overhead_s += overhead_s;
          step.busy_s += busy_s;
        }
      }
      step.floor_s = step_floor_s(deployment, parts);
      step.source = cost.source;
    }
    const EngineProfile& profile = deployment.cost.profile;
    const double graph = step.shape.decode ? profile.graph : 1;
    const double experts = step.shape.decode ? profile.decode_experts : profile.experts;
    double kernels_s = step.overhead_s * graph + step.busy_s;
    for (const Kernels& of : step.experts) {
      kernels_s += std::max(experts * (of.overhead_s * graph + of.busy_s), of.least_s);
    }
    const double time_s = kernels_s + added_s(profile, step.shape, kernels_s);
    return with_band(profile, step.shape, std::max(time_s, step.floor_s), step.floor_s,
                     step.source);
  }
};

Predictor::Known& Predictor::known(const ServingCase& serving) {
  const std::string key =
      serving.accelerator->id + "|" + serving.format + "|" +
      std::to_string(reinterpret_cast<std::uintptr_t>(serving.model)) + "|" +
      std::to_string(serving.layout.tp) + "|" + std::to_string(serving.layout.ep) + "|" +
      std::to_string(serving.layout.pp) + "|" + std::to_string(serving.layout.dp) + "|" +
      std::string(name_of(serving.layout.kv_dtype)) + "|" +
      std::string(name_of(serving.layout.compute)) + "|" + era_of(serving.engine);
  std::shared_ptr<Known>& known = deployments_[key];
  if (!known) {
    known = std::make_shared<Known>();
    known->serving = serving;
    known->deployment = {&known->serving.model->architecture, &known->serving.layout,
                         model_of(known->serving)};
  }
  if (known->generation != generation_) {
    known->generation = generation_;
    known->tables.clear();
    if (profile_) known->deployment.cost.profile = *profile_;
  }
  return *known;
}

CostModel Predictor::model_of(const ServingCase& serving) const {
  return calibrations_.model(*serving.accelerator, serving.engine);
}

Prediction Predictor::predict(const ServingCase& serving) {
  if (serving.metric == Metric::kMemory) {
    const double gib = allocated_bytes(serving) / kGiB;
    Prediction prediction;
    prediction.value = {gib, gib, gib, Source::kMeasured};
    prediction.source = "computed";
    return prediction;
  }
  Known& deployment = known(serving);
  const StepTimes times = [&deployment](const std::vector<Step>& parts) {
    return deployment.time(parts);
  };
  Prediction prediction = predict_with(serving, deployment, times);
  prediction.source = name_of(prediction.value.source);
  return prediction;
}

double Predictor::roofline(const ServingCase& serving, const Shares& shares) {
  Known& deployment = known(serving);
  const StepTimes times = [&deployment, &shares](const std::vector<Step>& parts) {
    const double floor_s = step_floor_s(deployment.deployment, parts, shares);
    return Banded{floor_s, floor_s, floor_s, Source::kGeneric};
  };
  Known fresh;  // the tables of the other one hold times that were predicted
  fresh.deployment = deployment.deployment;
  ServingCase alone = serving;
  const bool time = serving.metric == Metric::kTtft || serving.metric == Metric::kTpot;
  if (time && serving.kind == LoadKind::kRun) alone.load.users = alone.load.requests = 1;
  return predict_with(alone, fresh, times).value.value;
}

Prediction Predictor::predict_with(const ServingCase& serving, Known& deployment,
                                   const StepTimes& times) {
  Prediction prediction;
  const RequestRun& load = serving.load;
  const double users = as_double(load.users);
  const double outputs = as_double(load.output_tokens);
  const double per_gpu = serving.metric == Metric::kOutputRatePerGpu ? as_double(serving.gpus) : 1;

  if (serving.kind == LoadKind::kRun) {
    const RequestRun share = share_of(load, serving.layout);
    const Workload workload = {load.input_tokens, load.output_tokens, share.users};
    // Stages of a pipeline keep the KV of their layers for the sequences of all schedulers.
    const std::int64_t memory =
        sequences_in_memory(deployment.deployment, serving.limits, workload) / serving.layout.pp;
    const std::int64_t places = std::clamp<std::int64_t>(memory, 1, serving.limits.max_sequences);
    prediction.running = std::min(places * serving.layout.schedulers(), load.users);
    const double longest = load.output_length(1) + 1;
    StepTable& table =
        deployment.tables
            .try_emplace({load.input_tokens, static_cast<std::int64_t>(longest)}, times,
                         load.input_tokens, static_cast<std::int64_t>(longest))
            .first->second;
    EngineLimits limits = serving.limits;
    limits.request_s = deployment.deployment.cost.profile.request_s;
    const RunResult run = simulate(share, limits, places, table);
    const double shares = as_double(load.requests) / as_double(share.requests);
    // A client that sees the first token late divides what is left by all of the others.
    const double timed =
        outputs > 1 ? std::max(outputs - as_double(serving.first_seen), 1.0) / (outputs - 1) : 1;
    prediction.decode_s = run.tpot_s;
    prediction.prefill_s = run.ttft_s;
    switch (serving.metric) {
      case Metric::kTtft:
        prediction.value =
            kMilliseconds * (run.ttft_s + as_double(serving.first_seen - 1) * run.tpot_s);
        break;
      case Metric::kTpot:
        prediction.value = kMilliseconds * (timed * run.tpot_s);
        break;
      case Metric::kOutputRate:
      case Metric::kOutputRatePerGpu:
        prediction.value = rate_of(shares * run.output_tokens / per_gpu, run.duration_s);
        break;
      case Metric::kTotalRate:
        prediction.value =
            rate_of(shares * (run.output_tokens + run.prompt_tokens), run.duration_s);
        break;
      case Metric::kDecodeRate:
        prediction.value = rate_of(users, run.tpot_s);
        break;
      case Metric::kPrefillRate:
        prediction.value = rate_of(as_double(load.input_tokens), run.ttft_s);
        break;
      case Metric::kMemory:
        break;
    }
    return prediction;
  }

  prediction.running = load.users;
  // llama-bench and its like put in nothing before they generate: contexts 1 to output_tokens.
  const std::int64_t together = share_of(load, serving.layout).users;
  const Step decode_step = {Phase::kDecode, together, 1, load.input_tokens + 1,
                            load.input_tokens + std::max<std::int64_t>(load.output_tokens - 1, 1)};
  const Banded decode_s = times({decode_step});
  const Banded prefill_s = prefill_time(serving, times);
  const Banded run_s = prefill_s + (outputs - 1) * decode_s;
  prediction.prefill_s = prefill_s;
  prediction.decode_s = decode_s;
  switch (serving.metric) {
    case Metric::kTtft:
      prediction.value = kMilliseconds * prefill_s;
      break;
    case Metric::kTpot:
      prediction.value = kMilliseconds * decode_s;
      break;
    case Metric::kOutputRate:
    case Metric::kOutputRatePerGpu:
      prediction.value = rate_of(users * outputs / per_gpu, run_s);
      break;
    case Metric::kTotalRate:
      prediction.value = rate_of(users * (outputs + as_double(load.input_tokens)), run_s);
      break;
    case Metric::kDecodeRate:
      prediction.value = rate_of(users, decode_s);
      break;
    case Metric::kPrefillRate:
      prediction.value = rate_of(users * as_double(load.input_tokens), prefill_s);
      break;
    case Metric::kMemory:
      break;
  }
  return prediction;
}

}  // namespace tokencast::accuracy
