// Speculative decoding: what a step that checks drafts does, and laws over acceptance and drafts.
#include "graph/speculation.h"

#include <cmath>
#include <memory>

#include "catch.h"
#include "memory/memory_plan.h"
#include "models.h"
#include "serving/closed_loop.h"
#include "serving/request_run.h"
#include "serving/service.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

Draft draft_of(const Architecture& model, std::int64_t tp) {
  Draft draft;
  draft.architecture = model;
  draft.weights = model.formats;
  draft.tp = tp;
  draft.own_tables = true;
  return draft;
}

/// A model and what drafts for it: itself by its own layers, a smaller one, or nothing that costs.
struct Case {
  const char *model, *card;
  std::int64_t tp;
  const char* draft;  ///< "mtp", "ngram" or a preset
};
const std::vector<Case> kCases = {{"deepseek-v3", "h200-141-sxm", 8, "mtp"},
                                  {"glm-4.5-air", "h100-80-sxm", 4, "mtp"},
                                  {"llama-3.3-70b", "h100-80-sxm", 4, "llama-3.2-1b"},
                                  {"qwen2.5-32b", "h20-96-sxm", 1, "ngram"}};

/// draft_tokens 0: none.
Layout speculative(const Architecture& model, const Case& c, std::int64_t draft_tokens,
                   double acceptance) {
  Layout layout = layout_of(model, c.tp);
  if (draft_tokens == 0) return layout;
  Speculation speculation;
  speculation.draft_tokens = draft_tokens;
  speculation.acceptance = acceptance;
  const std::string draft = c.draft;
  if (draft == "mtp") {
    speculation.draft = mtp_draft(model, layout.weights);
    speculation.draft->tp = c.tp;
  } else if (draft != "ngram") {
    speculation.draft = draft_of(preset_architecture(draft), c.tp);
  }
  layout.speculation = std::make_shared<const Speculation>(std::move(speculation));
  return layout;
}

double tokens_per_step(std::int64_t draft_tokens, double acceptance) {
  Speculation speculation;
  speculation.draft_tokens = draft_tokens;
  speculation.acceptance = acceptance;
  return speculation.tokens_per_step();
}

}  // namespace

TEST_CASE("expected tokens of a step are a geometric sum", "[speculation]") {
  CHECK(tokens_per_step(1, 0.85) == Approx(1.85));
  CHECK(tokens_per_step(4, 0.7) == Approx((1 - std::pow(0.7, 5)) / 0.3));
  CHECK(tokens_per_step(5, 1) == 6);
  CHECK(tokens_per_step(5, 0) == 1);
}

TEST_CASE("a step checks the drafts of a sequence as more queries of it", "[speculation]") {
  const Architecture model = preset_architecture("qwen2.5-32b");
  const Layout layout = speculative(model, kCases[3], 3, 0.5);
  const auto plain = build_step(model, layout_of(model), Step::decode(8, 1000, 101));
  const auto checked = build_step(model, layout, Step::decode(8, 1000, 101));
  REQUIRE(plain.size() == checked.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (const auto* gemm = std::get_if<Gemm>(&checked[i].shape)) {
      CHECK(gemm->m == 4 * std::get<Gemm>(plain[i].shape).m);  // the head's too
    }
    if (const auto* core = std::get_if<AttentionCore>(&checked[i].shape)) {
      const auto& before = std::get<AttentionCore>(plain[i].shape);
      CHECK(core->sequences == before.sequences);
      CHECK(core->queries == 4);
      // Contexts of t, t + 1, t + 2, t + 3.
      CHECK(core->keys_per_query == before.keys_per_query + 1.5);
      // Keys are read once for all of them.
      CHECK(bytes_of(checked[i]).kv ==
            Approx(bytes_of(plain[i]).kv * core->keys_per_query / before.keys_per_query));
    }
  }
}

TEST_CASE("a model's own layer drafts a token at the price of that layer", "[speculation]") {
  const Architecture model = preset_architecture("deepseek-v3");
  const Draft draft = mtp_draft(model, model.formats);
  REQUIRE(layers_of(draft.architecture) == 1);
  Layout layout = speculative(model, kCases[0], 2, 0.85);
  const auto drafts = build_drafts(layout, {Step::decode(4, 1000, 2)});
  double experts = 0;
  double flops = 0;
  for (const Operator& op : drafts) {
    CHECK(std::string(op.name) == "draft");
    flops += op.count * flops_of(op);
    if (std::holds_alternative<Experts>(op.shape)) {
      experts += op.count;
      // In blocks of fp8, as the model's own layers.
      CHECK(std::get<Experts>(op.shape).weights.name == "fp8_block");
    }
  }
  CHECK(experts == 2);  // one layer for each of two tokens
  // 4 sequences, 2 tokens: at least the head's 2·H·V / 8 each.
  CHECK(flops > 8 * 2.0 * 7168 * 129280 / 8);
  // 11.5 B parameters, of which the experts are in 8 bit, over 8 ranks: the report's 14 B less two
  // tables that are the model's.
  CHECK(draft_bytes_per_rank(layout) == Approx(1.66e9).epsilon(0.02));
  // Prompts go through it once.
  const auto prompts = build_drafts(layout, {Step::prefill(1, 1000)});
  for (const Operator& op : prompts) CHECK(op.count <= 5);  // its norms
}

TEST_CASE("drafts and their KV take memory", "[speculation]") {
  for (const Case& c : kCases) {
    const Architecture model = preset_architecture(c.model);
    const Accelerator card = preset_accelerator(c.card);
    const Allocation allocation;
    CAPTURE(c.model, c.draft);
    const MemoryPlan without =
        plan_memory(model, speculative(model, c, 0, 0), card, allocation, {8, 4096});
    const MemoryPlan with =
        plan_memory(model, speculative(model, c, 2, 0.5), card, allocation, {8, 4096});
    const bool free = std::string(c.draft) == "ngram";
    CHECK((with.draft_bytes > 0) == !free);
    CHECK((with.kv_bytes > without.kv_bytes) == !free);
    CHECK(with.weight_bytes == without.weight_bytes);
    CHECK(with.used_bytes() ==
          Approx(without.used_bytes() + with.draft_bytes + with.kv_bytes - without.kv_bytes));
  }
}

TEST_CASE("laws of acceptance over models and batches", "[speculation]") {
  // As in laws_test.cpp: a larger batch may be served by a slightly faster kernel.
  constexpr double kNearly = 0.98;
  for (const Case& c : kCases) {
    const Architecture model = preset_architecture(c.model);
    const Accelerator card = preset_accelerator(c.card);
    const CostModel cost = calibrated_model(card);
    for (const std::int64_t sequences : {1, 3, 16, 64}) {
      for (const std::int64_t drafts : {1, 2, 4, 8}) {
        CAPTURE(c.model, sequences, drafts);
        const Workload workload = {1000, 200, sequences};
        const auto run = [&](std::int64_t k, double acceptance) {
          return run_static_batch(model, speculative(model, c, k, acceptance), cost, workload);
        };
        const StaticBatch without = run(0, 0);
        const StaticBatch never = run(drafts, 0);
        // Drafts that are never accepted never help.
        CHECK(never.tpot_s->value >= kNearly * without.tpot_s->value);
        CHECK(never.ttft_s.value >= without.ttft_s.value * (1 - 1e-12));
        double before = never.tpot_s->value;
        for (const double acceptance : {0.3, 0.6, 0.9, 1.0}) {
          const StaticBatch batch = run(drafts, acceptance);
          CHECK(batch.tpot_s->value < before);
          before = batch.tpot_s->value;
          CHECK(batch.decode.time_s == never.decode.time_s);
        }
        // All accepted: a step for each draft and one more.
        CHECK(before == Approx(never.tpot_s->value / static_cast<double>(drafts + 1)));
        constexpr double kRounding = 1 + 1e-9;
        CHECK(kRounding * run(drafts, 1).tpot_s->low >=
              std::max(never.limits.step.compute_s, never.limits.step.memory_s) /
                  static_cast<double>(drafts + 1));
      }
    }
  }
}

TEST_CASE("loop and service follow speculation, and agree", "[speculation]") {
  const Case& c = kCases[3];
  const Architecture model = preset_architecture(c.model);
  const Accelerator card = preset_accelerator(c.card);
  for (const double acceptance : {0.0, 0.6, 1.0}) {
    const Layout layout = speculative(model, c, 3, acceptance);
    const Deployment deployment = {&model, &layout, generic_model(card)};
    const StepTimes times = [&](const std::vector<Step>& parts) {
      return step_time(deployment, parts);
    };
    EngineLimits limits;
    limits.decoded_tokens = layout.speculation->verified_tokens();
    limits.tokens_per_step = layout.speculation->tokens_per_step();
    for (const std::int64_t users : {1, 8, 32}) {
      CAPTURE(acceptance, users);
      const Workload workload = {1024, 513, users};
      const ClosedLoop loop = run_closed_loop(times, limits, 1 << 20, workload);
      ServiceLoad load;
      load.users = users;
      load.input_tokens = 1024;
      load.output_tokens = 513;
      ServiceSteps steps(times, load);
      const ServiceRun run = run_service(load, limits, {1e12, 0, 1}, steps, End::kValue);
      CHECK(loop.requests_per_s.value == Approx(run.requests_per_s).epsilon(0.05));
      CHECK(loop.tpot_s.value == Approx(run.tpot_s.mean).epsilon(0.05));
      CHECK(loop.latency_s.value == Approx(run.latency_s.mean).epsilon(0.05));
      // What a step brings comes at once.
      CHECK(run.itl_s.mean == Approx(run.tpot_s.mean * limits.tokens_per_step).epsilon(0.03));
      RequestRun benchmark;
      benchmark.users = users;
      benchmark.requests = 40 * users;
      benchmark.input_tokens = 1024;
      benchmark.output_tokens = 513;
      benchmark.even_spread = 0.5;  // so that users disperse
      StepTable table(times, 1024, 513);
      CHECK(simulate(benchmark, limits, 256, table).tpot_s.value ==
            Approx(loop.tpot_s.value).epsilon(0.08));
    }
  }
}
