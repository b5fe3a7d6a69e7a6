#include <algorithm>
#include <cmath>

#include "catch.h"
#include "memory/activations.h"
#include "memory/fit.h"
#include "model/quantization.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

const FitChange* change_of(const std::vector<FitChange>& changes, const std::string& name) {
  for (const FitChange& change : changes) {
    if (change.change == name) return &change;
  }
  return nullptr;
}

/// As the engine that is not stated: nothing is set aside.
Allocation on_demand() {
  Allocation allocation;
  allocation.runtime_bytes = 1024.0 * 1024 * 1024;
  return allocation;
}

Allocation vllm(const Architecture& architecture, std::int64_t tp, std::int64_t tokens,
                std::int64_t sequences, int minor) {
  return default_allocation({EngineFamily::kVllm, 0, minor}, architecture,
                            preset_accelerator("h100-80-sxm"), tp, {sequences, tokens});
}

}  // namespace

TEST_CASE("Qwen2.5-32B fits one H20 with 26 GB to spare for KV") {
  const Architecture architecture = architecture_of(kQwen25_32B);
  const MemoryPlan plan = plan_memory(architecture, layout_of(architecture),
                                      preset_accelerator("h20-96-sxm"), on_demand(), {1, 2048});
  CHECK(plan.weight_bytes == 2 * 32'763'876'352.0);
  CHECK(plan.kv_bytes == 2048.0 * 262'144);
  CHECK(plan.fits);
  // The largest that fits fits, one more does not.
  const auto fits = [&](const Load& load) {
    return plan_memory(architecture, layout_of(architecture), preset_accelerator("h20-96-sxm"),
                       on_demand(), load)
        .fits;
  };
  CHECK(fits({plan.max_concurrency, 2048}));
  CHECK_FALSE(fits({plan.max_concurrency + 1, 2048}));
  CHECK(fits({1, plan.max_context_tokens}));
  CHECK_FALSE(fits({1, plan.max_context_tokens + 1}));
}

TEST_CASE("GQA spreads KV heads over ranks and repeats them beyond; MLA's cache is whole on each") {
  const Architecture qwen3 = preset_architecture("qwen3-30b-a3b");  // 4 KV heads
  const auto kv = [](const Architecture& architecture, std::int64_t tp) {
    return kv_bytes_per_sequence(architecture, layout_of(architecture, tp), 1000);
  };
  CHECK(kv(qwen3, 4) == kv(qwen3, 1) / 4);
  CHECK(kv(qwen3, 8) == kv(qwen3, 4));
  const Architecture r1 = architecture_of(kDeepSeekR1);
  CHECK(kv(r1, 8) == kv(r1, 1));
  CHECK(kv(r1, 1) == 1000.0 * 70'272);
}

TEST_CASE("a window bounds the cache") {
  const Architecture mistral = architecture_of(kMistral7Bv01);
  const Layout layout = layout_of(mistral);
  CHECK(kv_bytes_per_sequence(mistral, layout, 4096) ==
        kv_bytes_per_sequence(mistral, layout, 30000));
}

TEST_CASE("ranks hold all weights together, what is replicated once each") {
  const Architecture llama = preset_architecture("llama-3.1-70b");
  const WeightFormats formats = llama.formats;
  const double norms = count_parameters(llama).of(Component::kNorms) * 2;
  const double whole = weight_bytes_per_rank(llama, formats, 1);
  for (const std::int64_t tp : {2, 4, 8}) {
    CHECK((weight_bytes_per_rank(llama, formats, tp) - norms) * static_cast<double>(tp) ==
          Approx(whole - norms).epsilon(1e-12));
  }
  // 16 ranks share 8 KV heads: each K and V projection is stored twice.
  const double kv_projections = 80.0 * 8192 * 2 * 1024 * 2;
  CHECK((weight_bytes_per_rank(llama, formats, 16) - norms) * 16 ==
        Approx(whole - norms + kv_projections).epsilon(1e-12));
}

TEST_CASE("what does not fit comes with the changes that would") {
  // Llama-3.1-70B in bf16 is 141 GB: not on one H100, but on two at 0.9 of 85 GB each there is room
  // for little KV.
  const Architecture llama = preset_architecture("llama-3.1-70b");
  const Accelerator h100 = preset_accelerator("h100-80-sxm");
  const auto changes = changes_to_fit(llama, layout_of(llama), h100, on_demand(), {1, 2048});
  REQUIRE(change_of(changes, "tp") != nullptr);
  CHECK(std::get<std::int64_t>(change_of(changes, "tp")->value) == 2);
  // 4 bit weights: 68.5 B · 4.16 / 8 + 2.1 B · 2 = 39.8 GB; fp8 at 72.7 GB leaves none of the 76.97
  // for KV and the rest
  REQUIRE(change_of(changes, "weights") != nullptr);
  // No smaller batch or context helps: the weights alone are too much.
  CHECK(change_of(changes, "concurrency") == nullptr);
  CHECK(change_of(changes, "context_tokens") == nullptr);

  // A batch that is too large: 500 sequences of 8192 tokens on 8 H100.
  const auto smaller = changes_to_fit(llama, layout_of(llama, 8), h100, on_demand(), {500, 8192});
  REQUIRE(change_of(smaller, "concurrency") != nullptr);
  const auto sequences = std::get<std::int64_t>(change_of(smaller, "concurrency")->value);
  CHECK(plan_memory(llama, layout_of(llama, 8), h100, on_demand(), {sequences, 8192}).fits);
  CHECK(changes_to_fit(llama, layout_of(llama, 8), h100, on_demand(), {1, 8192}).empty());
}

// 8 H20 have 22 GB too little each for this load of DeepSeek-R1; nobody was told that 16 are
// enough.
TEST_CASE("more accelerators over several nodes are offered where a network joins them") {
  const Architecture r1 = preset_architecture("deepseek-r1");
  Accelerator h20 = preset_accelerator("h20-96-sxm");
  const auto tp_for = [&] {
    const auto changes = changes_to_fit(r1, layout_of(r1, 8), h20, on_demand(), {32, 10240});
    const FitChange* change = change_of(changes, "tp");
    return change == nullptr ? 0 : std::get<std::int64_t>(change->value);
  };
  CHECK(tp_for() == 16);
  h20.nic_bandwidth_bytes_per_s.reset();
  CHECK(tp_for() == 0);
}

TEST_CASE("advice is planned as the request that follows it would be") {
  const Architecture qwen = architecture_of(kQwen25_32B);
  // 8 bit in the format that the accelerator has units for: Ascend multiplies int8, not fp8.
  const auto on_ascend = changes_to_fit(
      qwen, layout_of(qwen), preset_accelerator("ascend-910b4-64"), on_demand(), {8, 2048});
  REQUIRE(change_of(on_ascend, "weights") != nullptr);
  CHECK(std::get<std::string>(change_of(on_ascend, "weights")->value) == "int8");

  // MLX quantizes the embedding table too, a conversion to int4 does not: a large table can make
  // that the larger one.
  const Architecture mlx =
      architecture_of(with(with(kQwen25_32B, "vocab_size", "16000000"), "quantization",
                           R"({"bits": 8, "group_size": 64})"));
  for (const double gigabytes : {100.0, 200.0, 300.0, 400.0}) {
    Accelerator card = preset_accelerator("mi300x");
    card.usable_memory_bytes = gigabytes * 1e9;
    const auto changes = changes_to_fit(mlx, layout_of(mlx), card, on_demand(), {1, 2048});
    if (change_of(changes, "weights") == nullptr) continue;
    Layout followed = layout_of(mlx);
    followed.weights =
        requested_formats(mlx, std::get<std::string>(change_of(changes, "weights")->value));
    CHECK(plan_memory(mlx, followed, card, on_demand(), {1, 2048}).fits);
  }
}

TEST_CASE("the KV blocks of vLLM on H100 are those that it allocated") {
  // total_kv_blocks of vLLM 0.15.1 with block size 16, gpu_memory_utilization 0.9 and max_num_seqs
  // 128 (github.com/inference-sim/inference-sim, testdata/trained_physics_iter29.json).
  const std::string scout_fp8 = with(
      Json::parse(builtin_presets().models.at("llama-4-scout")).at("config").dump(),
      "quantization_config",
      R"({"quant_method": "compressed-tensors", "format": "float-quantized", "config_groups": {"group_0":
      {"targets": ["Linear"], "weights": {"num_bits": 8, "type": "float", "strategy": "channel"},
      "input_activations": {"num_bits": 8, "type": "float", "strategy": "token", "dynamic": true}}},
      "ignore": ["re:.*self_attn.*", "re:.*router", "re:.*lm_head", "re:.*vision_model.*",
      "re:.*multi_modal_projector.*"]})");
  struct Row {
    std::string model;
    std::int64_t tp, tokens, blocks;
  };
  const std::vector<Row> rows = {
      {"llama-4-scout fp8", 2, 2048, 8253}, {"llama-2-7b", 1, 2048, 7463},
      {"llama-3.1-70b", 4, 8192, 30251},    {"llama-3.1-70b", 4, 2048, 30425},
      {"mistral-nemo-12b", 2, 1024, 48009}, {"mistral-nemo-12b", 1, 2048, 19251},
      {"qwen2.5-7b", 1, 2048, 65352},       {"yi-34b", 2, 2048, 20793},
      {"qwen2.5-7b", 1, 1024, 65368}};
  for (const Row& row : rows) {
    const Architecture architecture = row.model == "llama-4-scout fp8"
                                          ? architecture_of(scout_fp8)
                                          : preset_architecture(row.model);
    const MemoryPlan plan = plan_memory(architecture, layout_of(architecture, row.tp),
                                        preset_accelerator("h100-80-sxm"),
                                        vllm(architecture, row.tp, row.tokens, 128, 15), {1, 1024});
    CAPTURE(row.model, row.tp, row.tokens, plan.kv_blocks, row.blocks);
    CHECK(plan.kv_block_tokens == 16);
    CHECK(static_cast<double>(plan.kv_blocks) ==
          Approx(static_cast<double>(row.blocks)).epsilon(0.03));
  }
}

TEST_CASE("the KV pools of vLLM on H100 are those that it logged") {
  // GiB for weights, peak and KV cache of vLLM 0.11 with the server's defaults on an H100, 8192
  // tokens and 1024 sequences (github.com/llm-d/llm-d-benchmark, config_explorer,
  // empirical-vllm-memory-results.md).
  constexpr double kGiB = 1024.0 * 1024 * 1024;
  struct Row {
    std::string model, weights;
    std::int64_t tp;
    double peak, pool;
  };
  const std::vector<Row> rows = {
      {"llama-3.1-8b", "", 1, 4.76, 51.38},    {"qwen3-0.6b", "", 1, 5.56, 64.45},
      {"qwen3-32b", "", 1, 5.64, 4.45},        {"qwen3-32b", "", 2, 5.64, 34.49},
      {"llama-3.3-70b", "fp8", 2, 4.84, 32.0}, {"gpt-oss-20b", "", 1, 7.38, 50.28}};
  for (const Row& row : rows) {
    const Architecture architecture = preset_architecture(row.model);
    Layout layout = layout_of(architecture, row.tp);
    if (!row.weights.empty()) layout.weights = requested_formats(architecture, row.weights);
    const MemoryPlan plan = plan_memory(architecture, layout, preset_accelerator("h100-80-sxm"),
                                        vllm(architecture, row.tp, 8192, 1024, 11), {1, 1024});
    CAPTURE(row.model, row.tp);
    CHECK(plan.activation_bytes / kGiB == Approx(row.peak).epsilon(0.03));
    // Within 3 % of the pool, or of what vLLM divides where weights leave little of it.
    CHECK(std::abs(plan.kv_pool_bytes / kGiB - row.pool) < std::max(0.03 * row.pool, 0.25));
  }
}

TEST_CASE("graphs count in vLLM's share from 0.21 on") {
  const Architecture llama = preset_architecture("llama-3.1-8b");
  const auto pool = [&](int minor) {
    return plan_memory(llama, layout_of(llama), preset_accelerator("h100-80-sxm"),
                       vllm(llama, 1, 8192, 1024, minor), {1, 1024})
        .kv_pool_bytes;
  };
  CHECK(pool(20) - pool(21) == 512.0 * 1024 * 1024);
}

TEST_CASE("llama.cpp's compute buffer holds the logits of a physical batch") {
  // "CUDA0 compute buffer size = 258.50 MiB" for Llama 3: 512 · 128256 · 4 bytes are 250.5 MiB, and
  // 512 · 4096 · 4 are 8.
  const Architecture llama = preset_architecture("llama-3-8b");
  const Accelerator card = preset_accelerator("rtx-4090");
  const Allocation allocation =
      default_allocation({EngineFamily::kLlamaCpp, 0, 0}, llama, card, 1, {256, 2048});
  const MemoryPlan plan = plan_memory(llama, layout_of(llama), card, allocation, {1, 4096});
  CHECK(plan.activation_bytes == 258.5 * 1024 * 1024);
  CHECK(plan.kv_block_tokens == 256);
}

TEST_CASE("layers with windows share vLLM's pool of pages in groups") {
  // gpt-oss-20b: 12 layers without and 12 with a window of 128, each 8 KV heads of 64: pages of 12
  // layers · 16 tokens · 2048 bytes, one group each. 1000 tokens take 63 blocks of the one, and 128
  // / 16 + 1 of the other.
  const Architecture oss = preset_architecture("gpt-oss-20b");
  const Layout layout = layout_of(oss);
  constexpr double kPage = 12.0 * 16 * 2048;
  const KvCache cache(oss, layout, vllm(oss, 1, 8192, 1024, 15));
  CHECK(cache.block_tokens() == 16);
  CHECK(cache.block_bytes() == 2 * kPage);
  CHECK(cache.bytes_of(1000) == (63 + 9) * kPage);
  CHECK(cache.bytes_of(16) == 2 * kPage);
  // Before the hybrid manager all layers kept all tokens.
  const KvCache before(oss, layout, vllm(oss, 1, 8192, 1024, 9));
  CHECK(before.bytes_of(1000) == 2 * 63 * kPage);
}

TEST_CASE("vLLM pages states of recurrent layers with the KV cache") {
  // Qwen3-Next: 36 layers of states and 12 of attention with 2 KV heads of 256, 2048 bytes for a
  // token. A state has 32 heads of 128 · 128 (1 MiB in 16 bit) and 3 · 8192 inputs of a convolution
  // (48 KiB): 1,097,728 bytes, worth 536 tokens: 34 units of 16, the 544 that vLLM logs ("Setting
  // attention block size to 544 tokens"). Three groups of 12 layers hold the states.
  const Architecture next = preset_architecture("qwen3-next-80b-a3b");
  const KvCache cache(next, layout_of(next), vllm(next, 1, 8192, 256, 15));
  CHECK(cache.block_tokens() == 34 * 16);
  constexpr double kPage = 12.0 * 34 * 16 * 2048;
  CHECK(cache.state_bytes_held() == 3 * kPage);
  CHECK(cache.bytes_of(1) == 4 * kPage);
  CHECK(cache.bytes_of(34 * 16 + 1) == 5 * kPage);
}

TEST_CASE("a plan that is short says by how much, and what each change leaves") {
  const Architecture llama = preset_architecture("llama-3.1-70b");
  const Accelerator h100 = preset_accelerator("h100-80-sxm");
  const Layout one = layout_of(llama);
  const MemoryPlan plan = plan_memory(llama, one, h100, on_demand(), {1, 2048});
  CHECK_FALSE(plan.fits);
  CHECK(plan.free_bytes() == 0);
  CHECK(plan.missing_bytes() == plan.used_bytes() - plan.capacity_bytes);
  // With as much more on each card it fits, to the byte but for rounding.
  Accelerator larger = h100;
  larger.usable_memory_bytes += plan.missing_bytes() / 0.9 + 1;
  CHECK(plan_memory(llama, one, larger, on_demand(), {1, 2048}).fits);
  larger.usable_memory_bytes -= 3;
  CHECK_FALSE(plan_memory(llama, one, larger, on_demand(), {1, 2048}).fits);
  const auto changes = changes_to_fit(llama, one, h100, on_demand(), {1, 2048});
  REQUIRE(change_of(changes, "tp") != nullptr);
  const MemoryPlan two = plan_memory(llama, layout_of(llama, 2), h100, on_demand(), {1, 2048});
  CHECK(change_of(changes, "tp")->free_bytes == two.capacity_bytes - two.used_bytes());
}
