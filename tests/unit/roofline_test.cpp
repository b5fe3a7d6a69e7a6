#include "cost/roofline.h"

#include <cmath>

#include "catch.h"
#include "graph/means.h"
#include "models.h"
#include "serving/static_batch.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

Operator gemm(double m, double n, double k) {
  return {"gemm", 1, DType::kBf16, Gemm{m, n, k, 1, plain_format(DType::kBf16)}};
}

/// 100 TFLOPS, 1 TB/s, 8 on a switch of 100 GB/s.
Accelerator simple_card(Topology topology = Topology::kSwitch) {
  Accelerator card;
  card.name = "Card";
  card.memory_bytes = card.usable_memory_bytes = 80e9;
  card.memory_bandwidth_bytes_per_s = 1e12;
  card.peak_flops_per_s[static_cast<std::size_t>(DType::kBf16)] = 1e14;
  card.link = Link{"link", topology, 1e11, 8};
  return card;
}

/// Of one operator, by what most kernels reach.
OperatorCost cost(const Operator& op, const Accelerator& card) {
  return cost_of({op}, generic_model(card), {1, 1, false}).operators[0];
}

}  // namespace

TEST_CASE("a GEMM of one row is bound by memory, of many rows by compute") {
  // m = 1: 2·1·4096·4096 = 33.6 MFLOP, 0.34 µs at peak; 33.6 MB of weights, 33.6 µs at bandwidth
  CHECK(cost(gemm(1, 4096, 4096), simple_card()).bound == Bound::kMemory);
  // m = 4096: 137 GFLOP, 1374 µs at peak; 100 MB, 100 µs
  CHECK(cost(gemm(4096, 4096, 4096), simple_card()).bound == Bound::kCompute);
}

TEST_CASE("time keeps its parts") {
  const Accelerator card = simple_card();
  const OperatorCost part = cost(gemm(64, 4096, 4096), card);
  const CurveParameters p = generic_curve(GemmCall{64, 4096, 4096}, card).parameters;
  // 2·64·4096² FLOPs; (4096² + 64·(4096 + 4096)) · 2 bytes; both overlap by the generic exponent
  const double compute = 2147483648.0 / 1e14 / p.compute;
  const double memory = 34603008.0 / 1e12 / p.memory;
  const double busy =
      std::pow(std::pow(compute, p.overlap) + std::pow(memory, p.overlap), 1 / p.overlap);
  CHECK(part.parts.memory_s == Approx(busy));
  CHECK(part.parts.compute_s == Approx(busy * compute / memory));
  CHECK(part.parts.overhead_s == Approx(p.overhead_s + 4 * p.latency_s));  // k = 4 · 1024
  CHECK(part.time_s ==
        Approx(part.parts.overhead_s + std::max(part.parts.compute_s, part.parts.memory_s)));
}

TEST_CASE("what binds next, by hand") {
  // Streams at 80 % of 1 TB/s, 2 µs of launch for each call: 10 calls of 8 MB take 10 · (10 + 2)
  // µs, and FLOPs of 100 TFLOPS beside them 10 · 1 µs (1e8 each).
  const Operator stream = {"norm", 10, DType::kBf16, Elementwise{4e6, 0, 25}};
  const Accelerator card = simple_card();
  CostModel model = generic_model(card);
  model.profile.step_s = 4e-6;
  const StepCost step = cost_of({stream}, model, {1, 1, false});
  // 100 of memory, 20 + 4 of overhead.
  CHECK(step.time_s == Approx(124e-6));
  CHECK(step.bound == Bound::kMemory);
  // Without memory: 10 of compute, 24 of overhead.
  CHECK(step.next.bound == Bound::kOverhead);
  CHECK(step.next.speedup == Approx(124.0 / 34));

  // An engine that launches a layer in 60 µs hides 40 of them behind the operators now, none then.
  model.profile.prefill_launch_s = 60e-6;
  const StepCost launched = cost_of({stream}, model, {1, 1, false});
  CHECK(launched.time_s == Approx(124e-6));
  CHECK(launched.next.speedup == Approx(124.0 / (4 + 60)));

  // Mostly overhead: 4 ms of it, then memory.
  model.profile.step_s = 4e-3;
  const StepCost slow = cost_of({stream}, model, {1, 1, false});
  CHECK(slow.bound == Bound::kOverhead);
  CHECK(slow.next.bound == Bound::kMemory);
  CHECK(slow.next.speedup == Approx(4120.0 / 100));

  // Of one's own measurement: all parts twice as long, and so the same.
  model.profile.own_prefill.factor = 2;
  CHECK(cost_of({stream}, model, {1, 1, false}).next.speedup == Approx(slow.next.speedup));
}

TEST_CASE("an all-reduce sends 2 (n − 1) / n of its payload over the links its group has") {
  const Operator reduce = {"all_reduce", 1, DType::kBf16,
                           Communication{Exchange::kAllReduce, 1e9, 4, 1}};
  CHECK(link_bytes_of(reduce) == 1.5e9);
  const double on_switch = cost(reduce, simple_card()).parts.link_s;
  // Three of seven peers: 3/7 of the rate of the whole mesh.
  const double on_mesh = cost(reduce, simple_card(Topology::kMesh)).parts.link_s;
  CHECK(on_mesh / on_switch == Approx(7.0 / 3));
  // Staging through host memory is slower than peer to peer over the same PCIe.
  CHECK(cost(reduce, simple_card(Topology::kHost)).time_s >
        cost(reduce, simple_card(Topology::kPcie)).time_s);
}

TEST_CASE(
    "decode of Qwen2.5-32B on an H20: 62 tokens/s at the bandwidth limit, compute takes over at "
    "47") {
  const Architecture architecture = architecture_of(kQwen25_32B);
  Layout layout;
  layout.weights = architecture.formats;
  const Accelerator h20 = preset_accelerator("h20-96-sxm");
  const StaticBatch batch =
      run_static_batch(architecture, layout, generic_model(h20), {1024, 1024, 1});
  // (63.97 GB + 0.40 GB) / 4 TB/s = 16.09 ms
  CHECK(batch.limits.step.memory_s == Approx(16.09e-3).margin(5e-6));
  CHECK(batch.limits.tokens_per_s_per_user == Approx(62.1).margin(0.05));
  // 15.99 ms + 0.1007 ms · B for bytes, 0.446 ms · B for FLOPs: B = 15.99 / 0.345 = 46.3
  CHECK(batch.limits.compute_bound_from == 47);
  CHECK(batch.ttft_s.bound == Bound::kCompute);
  CHECK(batch.tpot_s->bound == Bound::kMemory);
}

TEST_CASE("where reading the KV cache outgrows computing on it, compute never takes over") {
  // MHA at 4096 tokens: Llama-2-7B's shape reads 2·4096 elements of KV per token and layer for
  // 4·4096 FLOPs
  const Architecture mha = architecture_of(without(kMistral7Bv01, "num_key_value_heads"));
  Layout layout;
  layout.weights = mha.formats;
  const Accelerator h100 = preset_accelerator("h100-80-sxm");
  CHECK_FALSE(run_static_batch(mha, layout, generic_model(h100), {4096, 1024, 1})
                  .limits.compute_bound_from);
}

TEST_CASE("latency is TTFT and TPOT of every token but the first") {
  const Architecture architecture = architecture_of(kQwen25_32B);
  Layout layout;
  layout.weights = architecture.formats;
  const Accelerator h20 = preset_accelerator("h20-96-sxm");
  const StaticBatch batch =
      run_static_batch(architecture, layout, generic_model(h20), {1024, 100, 8});
  CHECK(batch.latency_s.value == Approx(batch.ttft_s.value + 99 * batch.tpot_s->value));
  CHECK(batch.output_tokens_per_s.value == Approx(8 * 100 / batch.latency_s.value));
  CHECK(batch.total_tokens_per_s.value == Approx(8 * 1124 / batch.latency_s.value));
  CHECK(batch.requests_per_s.value == Approx(8 / batch.latency_s.value));
  CHECK(batch.tokens_per_s_per_user->value == Approx(1 / batch.tpot_s->value));

  const StaticBatch one = run_static_batch(architecture, layout, generic_model(h20), {1024, 1, 8});
  CHECK_FALSE(one.tpot_s);
  CHECK(one.latency_s.value == one.ttft_s.value);
}

TEST_CASE("tokens of a batch ask for the same experts, where not all are asked for anyway") {
  Experts experts;
  experts.hidden = 4096;
  experts.width = 4096;
  experts.top_k = 2;
  experts.experts = 8;
  experts.gated = true;
  experts.weights = plain_format(DType::kBf16);
  const Accelerator card = simple_card();
  const auto memory_s = [&experts, &card](std::int64_t tokens, bool decode) {
    experts.tokens = static_cast<double>(tokens);
    experts.rows = 2 * experts.tokens;
    experts.experts_read = expected_experts(8, 2, tokens);
    const Operator op = {"experts", 1, DType::kBf16, experts};
    const StepShape shape = {1, experts.tokens, decode};
    return cost_of({op}, generic_model(card), shape).operators[0].parts.memory_s;
  };
  // One token's two are never the same.
  CHECK(memory_s(1, true) == Approx(memory_s(1, false)));
  // Three ask as two would at random: 8·(1 − 0.75²) = 3.5 experts of 8·(1 − 0.75³) = 4.625
  CHECK(memory_s(3, true) / memory_s(3, false) == Approx(3.5 / 4.625));
  // 64 ask for all.
  CHECK(memory_s(64, true) == Approx(memory_s(64, false)).epsilon(1e-3));
}

TEST_CASE("a captured graph hides launches, not how ranks wait for each other") {
  Communication exchange;
  exchange.kind = Exchange::kAllReduce;
  exchange.payload_bytes = 1e5;
  exchange.ranks = 8;
  const Operator all_reduce = {"all_reduce", 1, DType::kBf16, exchange};
  const Accelerator card = simple_card();
  CostModel model = generic_model(card);
  const auto overheads = [&] {
    const StepCost step = cost_of({gemm(1, 4096, 4096), all_reduce}, model, {1, 1, true});
    return std::pair(step.operators[0].parts.overhead_s, step.operators[1].parts.overhead_s);
  };
  const auto [launched, waited] = overheads();
  model.profile.graph = 0.25;
  CHECK(overheads().first == Approx(launched / 4));
  CHECK(overheads().second == waited);
}

TEST_CASE("experts may be read in less time than at random, a step may not") {
  // 64 tokens, each with 8 of 128 experts of 3 · 2048 · 768 weights in 16 bit, ask for
  // 128 · (1 − (1 − 8/128)^64) = 125.9 of them at random: 1.19 GB, 1.19 ms.
  Experts experts;
  experts.tokens = 64;
  experts.rows = 512;
  experts.hidden = 2048;
  experts.width = 768;
  experts.top_k = 8;
  experts.experts = 128;
  experts.experts_read = expected_experts(128, 8, 64);
  experts.gated = true;
  experts.weights = plain_format(DType::kBf16);
  const Operator op = {"experts", 1, DType::kBf16, experts};
  const double at_random_s = 125.94 * 3 * 2048 * 768 * 2 / 1e12;
  CHECK(least_bytes_of(op) == Approx(at_random_s / 2 * 1e12).epsilon(1e-3));
  const Accelerator card = simple_card();
  CostModel model = generic_model(card);
  model.profile.decode_experts = 0.1;
  model.profile.step_s = 0;
  const StepCost step = cost_of({op}, model, {1, 64, true});
  CHECK(step.operators[0].time_s == Approx(at_random_s / 2).epsilon(1e-3));
  CHECK(step.time_s == Approx(at_random_s).epsilon(1e-3));
  CHECK(step.bound == Bound::kMemory);
}
