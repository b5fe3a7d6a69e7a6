#include "catch.h"
#include "graph/means.h"
#include "graph/step.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

template <class Shape>
std::vector<Shape> shapes_named(const std::vector<Operator>& operators, std::string_view name) {
  std::vector<Shape> found;
  for (const Operator& op : operators) {
    if (name == op.name) found.push_back(std::get<Shape>(op.shape));
  }
  return found;
}

const Gemm& gemm_named(const std::vector<Operator>& operators, std::string_view name) {
  for (const Operator& op : operators) {
    if (name == op.name) return std::get<Gemm>(op.shape);
  }
  throw std::runtime_error("no operator " + std::string(name));
}

double weight_bytes(const std::vector<Operator>& operators) {
  double bytes = 0;
  for (const Operator& op : operators) bytes += op.count * bytes_of(op).weights;
  return bytes;
}

double flops(const std::vector<Operator>& operators) {
  double all = 0;
  for (const Operator& op : operators) all += op.count * flops_of(op);
  return all;
}

}  // namespace

TEST_CASE("a mixed step reads weights once for all tokens") {
  const Architecture model = architecture_of(kQwen25_32B);
  const Layout layout = layout_of(model);
  const Step prompt = Step::prefill(1, 1000);
  const Step decode = Step::decode(24, 500, 200);
  const auto mixed = build_step(model, layout, {prompt, decode});
  // 1000 of the prompt and one for each of 24 that decode
  CHECK(gemm_named(mixed, "qkv_projection").m == 1024);
  // 25 sequences emit a token
  CHECK(gemm_named(mixed, "lm_head").m == 25);
  const double one = weight_bytes(build_step(model, layout, decode));
  // beside the rows of the embedding table: 1024 instead of 24, 5120 wide, 2 bytes
  CHECK(weight_bytes(mixed) == Approx(one + 1000.0 * 5120 * 2));
}

TEST_CASE("attention of a mixed step runs part by part") {
  const Architecture model = architecture_of(kQwen25_32B);
  const auto mixed =
      build_step(model, layout_of(model), {Step::prefill(1, 1000), Step::decode(24, 500, 1)});
  const auto attention = shapes_named<AttentionCore>(mixed, "attention");
  REQUIRE(attention.size() == 2);
  const AttentionCore& prompt = attention[0];
  const AttentionCore& decode = attention[1];
  CHECK(prompt.queries == 1000);
  CHECK(prompt.keys_per_query == 500.5);  // (1 + 1000) / 2
  CHECK(prompt.cached_keys == 0);
  CHECK(decode.sequences == 24);
  CHECK(decode.queries == 1);
  CHECK(decode.cached_keys == 501);
}

TEST_CASE("FLOPs of a mixed step are those of its parts") {
  for (const std::string& config : {kQwen25_32B, kDeepSeekR1}) {
    const Architecture model = architecture_of(config);
    const Layout layout = layout_of(model);
    const Step prompt = Step::prefill(2, 300);
    const Step decode = Step::decode(7, 900, 100);
    const double apart =
        flops(build_step(model, layout, prompt)) + flops(build_step(model, layout, decode));
    CHECK(flops(build_step(model, layout, {prompt, decode})) == Approx(apart));
  }
}

TEST_CASE("a chunk attends to the chunks before it") {
  // 8192 tokens in 4 chunks of 2048: the mean one finds (0 + 2048 + 4096 + 6144) / 4 = 3072 cached
  const Step chunk = Step::chunk(1, 8192, 4);
  CHECK(chunk.new_tokens == 2048);
  CHECK(chunk.first_context == 3073);
  CHECK(chunk.last_context == 5120);
  CHECK(chunk.emitting == 0.25);

  const Architecture model = architecture_of(kQwen25_32B);
  const Layout layout = layout_of(model);
  const auto chunked = build_step(model, layout, chunk);
  const AttentionCore core = shapes_named<AttentionCore>(chunked, "attention").at(0);
  CHECK(core.cached_keys == 3072);
  CHECK(core.new_keys == 2048);
  // Four of them attend to as many keys as the whole prompt: 4 · 2048 · 4096.5 = 8192 · 4096.5
  const auto whole = build_step(model, layout, Step::prefill(1, 8192));
  CHECK(4 * flops(chunked) == Approx(flops(whole)));
  // The head runs once in four chunks.
  CHECK(gemm_named(chunked, "lm_head").m == 0.25);
}

TEST_CASE("one chunk is the whole prompt") {
  const Step chunk = Step::chunk(3, 1000, 1);
  const Step whole = Step::prefill(3, 1000);
  CHECK(chunk.new_tokens == whole.new_tokens);
  CHECK(chunk.first_context == whole.first_context);
  CHECK(chunk.last_context == whole.last_context);
  CHECK(chunk.emitting == whole.emitting);
}

TEST_CASE("a chunk reads no more of the cache than a window holds") {
  const Architecture model = architecture_of(kMistral7Bv01);  // window of 4096
  const auto step = build_step(model, layout_of(model), Step::chunk(1, 32768, 16));
  const AttentionCore core = shapes_named<AttentionCore>(step, "attention").at(0);
  CHECK(core.cached_keys == 4096);
  CHECK(core.keys_per_query == 4096);
}

TEST_CASE("MLA unfolds what earlier chunks cached") {
  const Architecture model = architecture_of(kDeepSeekR1);
  const auto step = build_step(model, layout_of(model), Step::chunk(1, 8192, 4));
  // 2048 new and 3072 cached tokens
  CHECK(gemm_named(step, "kv_up_projection").m == 5120);
  // Decoding beside a prompt absorbs the projection, with as many rows as sequences.
  const auto mixed =
      build_step(model, layout_of(model), {Step::prefill(1, 100), Step::decode(8, 10, 10)});
  CHECK(gemm_named(mixed, "kv_up_projection").m == 100);
  CHECK(gemm_named(mixed, "q_absorb_projection").m == 8);
  CHECK(gemm_named(mixed, "output_projection").m == 108);
}

TEST_CASE("experts are touched by the tokens of all parts") {
  const Architecture model = architecture_of(kMixtral);
  const auto mixed =
      build_step(model, layout_of(model), {Step::prefill(1, 3), Step::decode(2, 10, 10)});
  const Experts experts = shapes_named<Experts>(mixed, "experts").at(0);
  CHECK(experts.rows == 10);  // 5 tokens · 2 experts
  CHECK(experts.experts_read == Approx(expected_experts(8, 2, 5)));
}
