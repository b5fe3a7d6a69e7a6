#include "catch.h"
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

}  // namespace

TEST_CASE("Qwen2.5-32B fits one H20 with 26 GB to spare for KV") {
  const Architecture architecture = architecture_of(kQwen25_32B);
  const MemoryPlan plan = plan_memory(architecture, layout_of(architecture),
                                      preset_accelerator("h20-96-sxm"), 0.9, {1, 2048});
  CHECK(plan.weight_bytes == 2 * 32'763'876'352.0);
  CHECK(plan.kv_bytes == 2048.0 * 262'144);
  CHECK(plan.fits);
  // The largest that fits fits, one more does not.
  const auto fits = [&](const Load& load) {
    return plan_memory(architecture, layout_of(architecture), preset_accelerator("h20-96-sxm"), 0.9,
                       load)
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
  const auto changes = changes_to_fit(llama, layout_of(llama), h100, 0.9, {1, 2048});
  REQUIRE(change_of(changes, "tp") != nullptr);
  CHECK(std::get<std::int64_t>(change_of(changes, "tp")->value) == 2);
  // 4 bit weights: 68.5 B · 4.16 / 8 + 2.1 B · 2 = 39.8 GB; fp8 at 72.7 GB leaves none of the 76.97
  // for KV and the rest
  REQUIRE(change_of(changes, "weights") != nullptr);
  // No smaller batch or context helps: the weights alone are too much.
  CHECK(change_of(changes, "concurrency") == nullptr);
  CHECK(change_of(changes, "context_tokens") == nullptr);

  // A batch that is too large: 500 sequences of 8192 tokens on 8 H100.
  const auto smaller = changes_to_fit(llama, layout_of(llama, 8), h100, 0.9, {500, 8192});
  REQUIRE(change_of(smaller, "concurrency") != nullptr);
  const auto sequences = std::get<std::int64_t>(change_of(smaller, "concurrency")->value);
  CHECK(plan_memory(llama, layout_of(llama, 8), h100, 0.9, {sequences, 8192}).fits);
  CHECK(changes_to_fit(llama, layout_of(llama, 8), h100, 0.9, {1, 8192}).empty());
}

TEST_CASE("advice is planned as the request that follows it would be") {
  const Architecture qwen = architecture_of(kQwen25_32B);
  // 8 bit in the format that the accelerator has units for: Ascend multiplies int8, not fp8.
  const auto on_ascend =
      changes_to_fit(qwen, layout_of(qwen), preset_accelerator("ascend-910b4-64"), 0.9, {8, 2048});
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
    const auto changes = changes_to_fit(mlx, layout_of(mlx), card, 0.9, {1, 2048});
    if (change_of(changes, "weights") == nullptr) continue;
    Layout followed = layout_of(mlx);
    followed.weights =
        requested_formats(mlx, std::get<std::string>(change_of(changes, "weights")->value));
    CHECK(plan_memory(mlx, followed, card, 0.9, {1, 2048}).fits);
  }
}
