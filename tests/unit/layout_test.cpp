#include "graph/layout.h"

#include "catch.h"
#include "cost/network.h"
#include "graph/step.h"
#include "memory/fit.h"
#include "memory/kv_cache.h"
#include "model/assign_formats.h"
#include "models.h"
#include "serving/static_batch.h"
#include "serving/step_time.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

using Sizes = std::vector<std::int64_t>;

Layout deepseek(std::int64_t tp, std::int64_t dp, std::int64_t ep) {
  static const Architecture architecture = preset_architecture("deepseek-r1");
  Layout layout = layout_of(architecture, tp);
  layout.dp = dp;
  layout.ep = ep;
  layout.linear_compute = DType::kFp8;
  return layout;
}

const Operator& named(const std::vector<Operator>& operators, std::string_view name) {
  for (const Operator& op : operators) {
    if (name == op.name) return op;
  }
  throw std::runtime_error("no operator " + std::string(name));
}

template <class Shape>
const Shape& shape_named(const std::vector<Operator>& operators, std::string_view name) {
  return std::get<Shape>(named(operators, name).shape);
}

double flops_of(const std::vector<Operator>& operators, std::string_view name) {
  const Operator& op = named(operators, name);
  return op.count * tokencast::flops_of(op);
}

}  // namespace

TEST_CASE("legal expert parallel sizes divide experts and fit tp and dp") {
  const Architecture r1 = preset_architecture("deepseek-r1");  // 256 experts
  CHECK(legal_expert_parallel(r1, deepseek(8, 1, 1)) == Sizes{1, 2, 4, 8});
  CHECK(legal_expert_parallel(r1, deepseek(1, 8, 1)) == Sizes{1, 2, 4, 8});
  // Within a group of 4: 1, 2, 4; over 2, 3 or 6 groups: 8, 12, 24, of which 8 divides 256.
  CHECK(legal_expert_parallel(r1, deepseek(4, 6, 1)) == Sizes{1, 2, 4, 8});
  CHECK(legal_expert_parallel(preset_architecture("qwen2.5-32b"), deepseek(8, 1, 1)) == Sizes{1});
  // Qwen3-235B-A22B in fp8: experts 1536 wide in blocks of 128. 8 ranks would get 192 of each,
  // which cuts a block, unless experts are spread over 2 ranks or more first. 64 heads, 4 KV heads.
  const Architecture qwen = preset_architecture("qwen3-235b-a22b");
  const WeightFormats blocks = requested_formats(qwen, "fp8_block");
  CHECK(legal_tensor_parallel(qwen, blocks, 8, 1) == Sizes{1, 2, 4});
  CHECK(legal_tensor_parallel(qwen, blocks, 8, 2) == Sizes{1, 2, 4, 8});
}

TEST_CASE("gpt-oss runs on 4 and 8 ranks, as InferenceMAX runs it") {
  // It was refused: experts 2880 wide in groups of 32 are 22.5 groups on each of 4 ranks. Engines
  // fill them up.
  const Architecture gpt_oss = preset_architecture("gpt-oss-120b");
  CHECK(legal_tensor_parallel(gpt_oss, gpt_oss.formats, 8, 1) == Sizes{1, 2, 4, 8});
}

TEST_CASE("each expert is on one rank of those that share experts") {
  const Architecture r1 = preset_architecture("deepseek-r1");
  // 8 sequences on each of 16 replicas: 128 tokens to 8 of 256 experts, 1024 rows over 16 ranks.
  const auto wide = build_step(r1, deepseek(1, 16, 16), Step::decode(8, 1000, 2));
  const auto& experts = shape_named<Experts>(wide, "experts");
  CHECK(experts.tokens == 128);
  CHECK(experts.rows == 64);
  CHECK(experts.experts == 16);
  CHECK(experts.width == 2048);
  // 256 · (1 − (248/256)^128) = 251.6 of all
  CHECK(experts.experts_read == Approx(251.6 / 16).epsilon(1e-3));
  // 8 tokens to 16 · (1 − (15/16)^8) = 6.453 ranks each, 7168 fp8 values; back in 16 bit.
  CHECK(shape_named<Communication>(wide, "dispatch").payload_bytes ==
        Approx(8 * 6.4528 * 7168).epsilon(1e-4));
  CHECK(shape_named<Communication>(wide, "combine").payload_bytes ==
        Approx(2 * 8 * 6.4528 * 7168).epsilon(1e-4));

  // Within a tensor parallel group nothing is sent but the sum of all ranks.
  const auto group = build_step(r1, deepseek(8, 1, 8), Step::decode(8, 1000, 2));
  CHECK(shape_named<Experts>(group, "experts").width == 2048);
  CHECK(shape_named<Experts>(group, "experts").experts == 32);
  CHECK_THROWS(named(group, "dispatch"));
}

// It followed the last part of a step: with decoding beside them, prompts were sent as decoding is.
TEST_CASE("tokens of a step with prompts cross the network once to each node") {
  const Architecture r1 = preset_architecture("deepseek-r1");
  Layout layout = deepseek(1, 16, 16);
  layout.domain = 8;
  const auto sent = [&](const std::vector<Step>& parts) {
    return shape_named<Communication>(build_step(r1, layout, parts), "dispatch").network_bytes;
  };
  const Step prompt = Step::prefill(1, 100);
  const Step decode = Step::decode(4, 1000, 2);
  // 2 · (1 − (1/2)^8) = 1.992 of 2 nodes, half of them the other one; 6.453 of 16 ranks.
  CHECK(sent({prompt}) == Approx(100 * 7168 * 1.9922 / 2).epsilon(1e-4));
  CHECK(sent({decode}) == Approx(4 * 7168 * 6.4528 / 2).epsilon(1e-4));
  CHECK(sent({prompt, decode}) == Approx(104 * 7168 * 1.9922 / 2).epsilon(1e-4));
}

// Wider groups were proposed that the link does not join, and the request then refused.
TEST_CASE("changes that would fit are layouts that are legal") {
  const Architecture qwen = preset_architecture("qwen2.5-72b");  // 80 layers, 145 GB
  Accelerator card = preset_accelerator("l40s");                 // 8 by PCIe, 48 GB
  const auto proposes_tp = [&](const Layout& layout) {
    for (const FitChange& change : changes_to_fit(qwen, layout, card, {}, {1, 1000})) {
      if (change.change == "tp") return std::get<std::int64_t>(change.value);
    }
    return std::int64_t{0};
  };
  Layout layout = layout_of(qwen, 1);
  CHECK(proposes_tp(layout) == 4);
  layout.pp = 3;
  CHECK(proposes_tp(layout) == 2);
  card.link->domain_size = 4;  // of 2 · 3 ranks four are joined
  card.nic_bandwidth_bytes_per_s.reset();
  CHECK(proposes_tp(layout) == 0);
  card.nic_bandwidth_bytes_per_s = 25e9;
  CHECK(proposes_tp(layout) == 2);
}

TEST_CASE("splitting over ranks conserves the FLOPs of experts and the weights") {
  const Architecture r1 = preset_architecture("deepseek-r1");
  const double whole =
      flops_of(build_step(r1, deepseek(1, 1, 1), Step::decode(64, 1000, 2)), "experts");
  const RankWeights one = rank_weights(r1, r1.formats, 1, 1);
  for (const std::int64_t ranks : {2, 4, 8, 16}) {
    // As many sequences in all.
    const auto spread =
        build_step(r1, deepseek(1, ranks, ranks), Step::decode(64 / ranks, 1000, 2));
    const auto n = static_cast<double>(ranks);
    CHECK(n * flops_of(spread, "experts") == Approx(whole).epsilon(1e-12));
    // Routed experts are once over all ranks, the rest on each. Of 671.0 billion parameters, 653.9
    // are of experts, in fp8 with a scale of 4 bytes for each 128 · 128.
    const RankWeights part = rank_weights(r1, r1.formats, 1, ranks);
    const double experts = 58.0 * 256 * 3 * 7168 * 2048 * (1 + 4.0 / (128 * 128));
    CHECK(one.layer_bytes - part.layer_bytes == Approx(experts * (1 - 1 / n)).epsilon(1e-6));
    CHECK(part.first_bytes == one.first_bytes);
  }
}

TEST_CASE("stages keep a share of the layers, and send hidden states on") {
  const Architecture qwen = preset_architecture("qwen2.5-32b");  // 64 layers
  Layout layout = layout_of(qwen, 2);
  layout.pp = 4;
  const RankWeights whole = rank_weights(qwen, layout.weights, 2, 1);
  // The embedding table (152064 · 5120, 2 bytes, over 2 ranks) is on the first stage, lm_head and
  // the last norm on the last, which has more.
  CHECK(weight_bytes_per_rank(qwen, layout) ==
        whole.layer_bytes / 4 + 152064.0 * 5120 * 2 / 2 + 5120 * 2);
  Layout flat = layout;
  flat.pp = 1;
  CHECK(kv_bytes_per_sequence(qwen, layout, 1000) == kv_bytes_per_sequence(qwen, flat, 1000) / 4);
  layout.pp = 5;  // 13 of 64 layers on most
  CHECK(kv_bytes_per_sequence(qwen, layout, 1000) ==
        kv_bytes_per_sequence(qwen, flat, 1000) * 13 / 64);

  layout.pp = 4;
  layout.domain = 4;  // two stages of two ranks each: of three hops one leaves the node
  double near = 0;
  double far = 0;
  for (const Operator& op : build_step(qwen, layout, Step::decode(10, 1000, 2))) {
    if (std::string_view(op.name) != "stage_send") continue;
    const auto& send = std::get<Communication>(op.shape);
    CHECK(send.payload_bytes == 10.0 * 5120 * 2 * 2 / 2);
    (send.domains > 1 ? far : near) += op.count;
  }
  CHECK(near == 2);
  CHECK(far == 1);
}

TEST_CASE("what leaves a node goes through the network") {
  Accelerator h800 = preset_accelerator("h800-80-sxm");
  h800.nic_bandwidth_bytes_per_s = 50e9;
  // DeepEP's low-latency dispatch: 128 tokens of 7168 bytes to 8 experts, 16 ranks in 2 nodes. Half
  // stays in the node: 3.67 MB at 45 GB/s and one doubling of 6 µs.
  const Communication dispatch = {Exchange::kAllToAll, 128.0 * 8 * 7168, 16, 2, 64.0 * 8 * 7168};
  const NetworkTime time = network_time(dispatch, h800);
  CHECK(time.link_s == Approx(128.0 * 8 * 7168 / 2 / 45e9));
  CHECK(time.latency_s == 6e-6);
  // An all-reduce over 2 nodes of 8: each card sends its eighth of the payload once there, once
  // back.
  const NetworkTime reduce = network_time({Exchange::kAllReduce, 80e6, 16, 2}, h800);
  CHECK(reduce.limit_s == Approx(2 * 0.5 * 10e6 / 50e9));

  const Architecture qwen = preset_architecture("qwen2.5-32b");
  Layout layout = layout_of(qwen, 8);
  const CostModel model = calibrated_model(h800);
  const double inside = run_static_batch(qwen, layout, model, {1000, 100, 8}).tpot_s->value;
  layout.domain = 4;
  CHECK(run_static_batch(qwen, layout, model, {1000, 100, 8}).tpot_s->value > inside);
}

TEST_CASE("replicas multiply throughput, pipelines memory") {
  const Architecture qwen = preset_architecture("qwen2.5-32b");
  const Accelerator h100 = preset_accelerator("h100-80-sxm");
  const CostModel model = calibrated_model(h100);
  Layout layout = layout_of(qwen, 2);
  const StaticBatch one = run_static_batch(qwen, layout, model, {1000, 100, 8});
  layout.dp = 3;
  const StaticBatch three = run_static_batch(qwen, layout, model, {1000, 100, 24});
  CHECK(three.tpot_s->value == one.tpot_s->value);
  CHECK(three.output_tokens_per_s.value == Approx(3 * one.output_tokens_per_s.value));
  layout.dp = 1;
  layout.pp = 2;
  // Two micro-batches of 8: each token takes a whole pass, as before, and the sends between stages.
  const StaticBatch pipeline = run_static_batch(qwen, layout, model, {1000, 100, 16});
  CHECK(pipeline.tpot_s->value > one.tpot_s->value);
  CHECK(pipeline.tpot_s->value < 1.05 * one.tpot_s->value);
  // A prompt pass of each, the second half a pass behind the first; requests reach the queue
  // before.
  const double passes_s = 1.5 * pipeline.prefill.time_s;
  CHECK(pipeline.ttft_s.value == Approx(model.profile.request_s + passes_s));
  // One sequence fills one stage at a time: nothing is gained over one stage.
  CHECK(run_static_batch(qwen, layout, model, {1000, 100, 1}).tpot_s->value >=
        run_static_batch(qwen, layout_of(qwen, 2), model, {1000, 100, 1}).tpot_s->value);
}

TEST_CASE("two half batches hide the shorter of compute and all-to-all") {
  const Architecture r1 = preset_architecture("deepseek-r1");
  const Accelerator h800 = preset_accelerator("h800-80-sxm");
  const Layout plain = deepseek(1, 32, 32);
  Layout halves = plain;
  halves.two_batch = true;
  const CostModel model = calibrated_model(h800, {EngineFamily::kSglang, 0, 0});
  const Deployment in_turn = {&r1, &plain, model};
  const Deployment overlapped = {&r1, &halves, model};
  for (const Step& step :
       {Step::decode(128, 4096, 2), Step::decode(33, 4096, 2), Step::prefill(4, 4096),
        Step::prefill(1, 16384), Step::chunk(1, 32768, 4)}) {
    CAPTURE(step.sequences, step.new_tokens);
    const StepCost whole = step_cost(in_turn, {step});
    const StepCost both = step_cost(overlapped, {step});
    double exchange_s = 0;
    double others_s = 0;
    for (const OperatorCost& op : both.operators) {
      const bool to_all =
          op.op.name == std::string("dispatch") || op.op.name == std::string("combine");
      (to_all ? exchange_s : others_s) += op.time_s;
    }
    CHECK(both.overlapped_s > 0);
    CHECK(both.overlapped_s <= std::min(exchange_s, others_s));
    CHECK(both.time_s >= std::max(exchange_s, others_s));
    // The same work, but for a sequence that does not halve, in two steps of the layers.
    CHECK(both.flops == Approx(whole.flops).epsilon(0.04));
    // Decoding few sequences on few ranks it costs more than it hides.
    if (step.phase == Phase::kPrefill) CHECK(both.time_s < whole.time_s);
    // Weights are read twice, but nothing beats the hardware.
    CHECK(both.bytes > whole.bytes);
    const Banded band = step_time(overlapped, {step});
    CHECK(band.value == both.time_s);
    CHECK(band.low >= step_floor_s(overlapped, {step}));
    CHECK(named(build_halves(r1, halves, {step}), "lm_head").count == 1);
  }
  // Too few tokens to be halved.
  const Step few = Step::decode(31, 4096, 2);
  CHECK(step_cost(overlapped, {few}).time_s == step_cost(in_turn, {few}).time_s);
  CHECK(build_halves(r1, halves, {few}).empty());
}

TEST_CASE("the busiest rank sets the time of experts and of their exchange") {
  const Architecture r1 = preset_architecture("deepseek-r1");
  const Accelerator h800 = preset_accelerator("h800-80-sxm");
  const CostModel model = calibrated_model(h800, {EngineFamily::kSglang, 0, 0});
  const auto skewed = [](Layout layout, double skew) {
    layout.expert_skew = skew;
    return layout;
  };
  for (const Layout& layout : {deepseek(1, 16, 16), deepseek(8, 1, 8), deepseek(4, 4, 16)}) {
    for (const Step& step : {Step::decode(64, 4096, 2), Step::prefill(1, 4096)}) {
      CAPTURE(layout.tp, layout.ep, step.new_tokens);
      const auto time_s = [&](double skew) {
        const Layout with = skewed(layout, skew);
        const StepCost cost = step_cost({&r1, &with, model}, {step});
        return cost.time_s;
      };
      const auto even = build_step(r1, skewed(layout, 1), step);
      const auto uneven = build_step(r1, skewed(layout, 1.5), step);
      const auto& before = shape_named<Experts>(even, "experts");
      const auto& busiest = shape_named<Experts>(uneven, "experts");
      CHECK(busiest.rows == 1.5 * before.rows);
      CHECK(busiest.experts_read >= before.experts_read);
      CHECK(busiest.experts_read <= before.experts);
      if (layout.attention_replicas() > 1) {
        for (const char* name : {"dispatch", "combine"}) {
          CHECK(shape_named<Communication>(uneven, name).payload_bytes ==
                1.5 * shape_named<Communication>(even, name).payload_bytes);
        }
      }
      double slower = time_s(1);
      // Measured kernels change with the batch, as in laws_test.cpp.
      constexpr double kNearly = 0.98;
      for (const double skew : {1.2, 1.5, 2.0, 4.0}) {
        CHECK(time_s(skew) >= kNearly * slower);
        slower = std::max(slower, time_s(skew));
      }
      // A rank can have no more than all.
      CHECK(time_s(static_cast<double>(layout.ep)) == time_s(100));
    }
  }
}
