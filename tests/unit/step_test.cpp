#include "graph/step.h"

#include "catch.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

const Operator& named(const std::vector<Operator>& operators, std::string_view name) {
  for (const Operator& op : operators) {
    if (name == op.name) return op;
  }
  throw std::runtime_error("no operator " + std::string(name));
}

double total_flops(const std::vector<Operator>& operators) {
  double flops = 0;
  for (const Operator& op : operators) {
    const bool multiplies = kind_of(op) != "elementwise";
    flops += multiplies ? op.count * flops_of(op) : 0;
  }
  return flops;
}

}  // namespace

// It was bytes=6.06227e+09.
TEST_CASE("shapes keep the digits of whole numbers") {
  Operator op;
  op.shape = Communication{Exchange::kAllReduce, 6062270464.0, 8};
  CHECK(shape_text(op) == "bytes=6062270464 ranks=8");
  op.shape = Gemm{4194304, 7168, 512, 1, {}};
  CHECK(shape_text(op) == "m=4194304 n=7168 k=512");
  op.shape = Communication{Exchange::kAllReduce, 1.5, 8};
  CHECK(shape_text(op) == "bytes=1.5 ranks=8");
}

TEST_CASE("decode of Qwen2.5-32B: 64 GB of weights and half a GB of KV for 66 GFLOPs") {
  const Architecture architecture = architecture_of(kQwen25_32B);
  const auto step = build_step(architecture, layout_of(architecture), Step::decode(1, 1024, 1024));
  OperatorBytes bytes;
  for (const Operator& op : step) {
    bytes.weights += op.count * bytes_of(op).weights;
    bytes.kv += op.count * bytes_of(op).kv;
  }
  // Matrices: 64 · (5120·7168 + 5120·5120 + 3·5120·27648) + 152064·5120 = 31,983,665,152 elements,
  // and one row of the embedding table (5120), 2 bytes each.
  CHECK(bytes.weights ==
        2 * (64.0 * (5120.0 * 7168 + 5120.0 * 5120 + 3 * 5120.0 * 27648) + 152064.0 * 5120 + 5120));
  // 1536 tokens on average · 262144 bytes
  CHECK(bytes.kv == 1536.0 * 262144);
  // 2 FLOPs per matrix element, and 4 · 1536 · 5120 per layer of attention
  CHECK(total_flops(step) == 2 * 31'984'189'440.0 + 64 * 4 * 1536.0 * 5120);
}

TEST_CASE("prefill attention is causal: S(S+1)/2 pairs") {
  const Architecture architecture = architecture_of(kQwen25_32B);
  const auto step = build_step(architecture, layout_of(architecture), Step::prefill(2, 1024));
  const Operator& attention = named(step, "attention");
  // 2 sequences · 40 heads · 1024·1025/2 pairs · 2 · (128 + 128)
  CHECK(flops_of(attention) == 2.0 * 40 * (1024 * 1025 / 2) * 2 * 256);
  CHECK(attention.count == 64);
  // The head runs on the last token of each sequence.
  CHECK(flops_of(named(step, "lm_head")) == 2.0 * 2 * 5120 * 152064);
}

TEST_CASE("MLA decodes on the latent cache, shared by all heads") {
  const Architecture architecture = architecture_of(kDeepSeekR1);
  const auto step = build_step(architecture, layout_of(architecture), Step::decode(4, 1000, 3));
  const Operator& attention = named(step, "attention");
  // Contexts 1001 and 1002: 1001.5 on average · (512 + 64) · 2 bytes · 4 sequences
  CHECK(bytes_of(attention).kv == 4 * 1001.5 * 576 * 2);
  // 128 heads · (576 for scores + 512 for values) · 2
  CHECK(flops_of(attention) == 4 * 1001.5 * 128 * 2 * (576 + 512));
  // 58 layers of experts at 8 of 256
  const Operator& experts = named(step, "experts");
  CHECK(experts.count == 58);
  // 32 rows through gate, up and down of 2048 × 7168
  CHECK(flops_of(experts) == 2.0 * 32 * 3 * 2048 * 7168);
}

TEST_CASE("tensor parallelism conserves the FLOPs of what it splits") {
  for (const char* id : {"qwen2.5-32b", "llama-3.1-70b", "mixtral-8x7b", "qwen3-30b-a3b"}) {
    const Architecture architecture = preset_architecture(id);
    for (const Step& step : {Step::prefill(3, 500), Step::decode(16, 500, 100)}) {
      const auto whole = build_step(architecture, layout_of(architecture, 1), step);
      const auto half = build_step(architecture, layout_of(architecture, 2), step);
      CAPTURE(id);
      // The router is whole on each rank.
      double router = 0;
      for (const Operator& op : whole)
        router += std::string_view(op.name) == "router" ? op.count * flops_of(op) : 0;
      CHECK(2 * (total_flops(half) - router) == Approx(total_flops(whole) - router).epsilon(1e-12));
    }
  }
}

TEST_CASE("legal tensor parallel sizes divide heads, KV heads and FFN") {
  const auto legal = [](const std::string& config, std::int64_t most) {
    const Architecture architecture = architecture_of(config);
    return legal_tensor_parallel(architecture, architecture.formats, most);
  };
  // Experts 1536 wide in fp8 blocks of 128: 8 ranks would get 192, which cuts a block. Engines
  // refuse to load it.
  const std::string blocks = with(kDeepSeekR1, "moe_intermediate_size", "1536");
  CHECK(legal(blocks, 8) == std::vector<std::int64_t>{1, 2, 4});
  // 40 heads, 8 KV heads, FFN 27648 = 2^10 · 27: 5 divides the heads but not the KV heads
  CHECK(legal(kQwen25_32B, 40) == std::vector<std::int64_t>{1, 2, 4, 8});
  // 128 heads, experts 2048 wide, first layers 18432 = 2^11 · 9
  CHECK(legal(kDeepSeekR1, 16) == std::vector<std::int64_t>{1, 2, 4, 8, 16});
}

TEST_CASE("more ranks than KV heads repeat them") {
  const Architecture architecture = preset_architecture("qwen3-30b-a3b");  // 4 KV heads, 32 heads
  const auto step = build_step(architecture, layout_of(architecture, 8), Step::decode(1, 100, 10));
  // 4 query heads and one KV head: (4 + 2) · 128
  CHECK(std::get<Gemm>(named(step, "qkv_projection").shape).n == 768);
}
