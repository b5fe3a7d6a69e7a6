#include "cost/kernel.h"

#include "catch.h"
#include "cost/curve.h"
#include "cost/kernel_of.h"
#include "cost/read_kernel.h"

using namespace tokencast;

namespace {

/// Reads a call from "name=value" texts.
Result<Kernel> read(std::string_view op,
                    const std::vector<std::pair<std::string, std::string>>& f) {
  return read_kernel(op, [&f](std::string_view name) {
    for (const auto& [key, value] : f) {
      if (key == name) return std::string_view(value);
    }
    return std::string_view();
  });
}

}  // namespace

TEST_CASE("work of a GEMM: multiply-adds, weights with their scales, activations in and out") {
  // 2·16·4096·8192; 4096·8192·2 bytes of weights; 16·(8192 + 4096)·2 of activations
  const KernelWork bf16 = work_of(GemmCall{16, 4096, 8192});
  CHECK(bf16.flops == 1073741824.0);
  CHECK(bf16.floor_bytes == 67108864.0);
  CHECK(bf16.bytes == 67108864.0 + 393216.0);
  // nvfp4: 4 bits and an fp8 scale for each 16, of weights and of the input
  const KernelWork nvfp4 = work_of(GemmCall{16, 4096, 8192, KernelFormat::kNvfp4});
  CHECK(nvfp4.floor_bytes == 4096.0 * 8192 * 4.5 / 8);
  CHECK(nvfp4.bytes == nvfp4.floor_bytes + 16 * (8192 * 4.5 / 8 + 4096 * 2));
  CHECK(nvfp4.compute == DType::kFp4);
}

TEST_CASE("of GGUF weights in int8, vector units scale each sum of 32 products") {
  const WeightFormat q4 = {"q4_0", DType::kInt4, 4.5, true, 32};
  const WeightFormat w8a8 = int8_format(16);
  CHECK(kernel_format(q4, DType::kInt8) == KernelFormat::kInt8Block);
  CHECK(kernel_format(w8a8, DType::kInt8) == KernelFormat::kInt8);
  // 2·512·4096² on the int8 units, and for each 32 of 512·4096² products six multiply-adds
  const GemmCall call = {512, 4096, 4096, KernelFormat::kInt8Block, 4.5};
  const KernelWork work = work_of(call);
  CHECK(work.flops == 17179869184.0);
  CHECK(work.vector_flops == 512.0 * 4096 * 4096 / 32 * 12);
  Accelerator card;
  card.memory_bandwidth_bytes_per_s = 1e12;
  card.peak_flops_per_s[static_cast<std::size_t>(DType::kInt8)] = 2e15;
  card.peak_flops_per_s[static_cast<std::size_t>(DType::kFp32)] = 5e13;
  const PeakTimes peak = peak_times(work, card, 0);
  // 8.6 µs and 64.4; the limit knows of the first alone, beside 9.4 of weights
  CHECK(peak.compute_s == Approx(8.59e-6 + 64.42e-6).epsilon(1e-3));
  CHECK(peak.limit_s == Approx(9.44e-6).epsilon(1e-3));
  // A sixth of 3e14 stands for a peak that is not stated.
  card.peak_flops_per_s[static_cast<std::size_t>(DType::kFp32)] = 0;
  card.peak_flops_per_s[static_cast<std::size_t>(DType::kBf16)] = 3e14;
  CHECK(peak_times(work, card, 0).compute_s == Approx(peak.compute_s));
  CHECK(work_of(GemmCall{512, 4096, 4096, KernelFormat::kInt8}).vector_flops == 0);
}

TEST_CASE("work of attention: causal pairs, windows, and KV heads") {
  AttentionCall prefill;
  prefill.prefill = true;
  prefill.sequences = 2;
  prefill.new_tokens = 1000;
  prefill.heads = 32;
  prefill.kv_heads = 8;
  prefill.head_dim = 128;
  // 1000·1001/2 pairs of each of 2 sequences, 32 heads, 2·(128 + 128) FLOPs
  CHECK(work_of(prefill).flops == 2.0 * 500500 * 32 * 512);
  // A window of 100: queries 1 to 100 see 1 to 100 keys, 900 see 100
  prefill.window = 100;
  CHECK(work_of(prefill).flops == 2.0 * (5050 + 90000) * 32 * 512);

  AttentionCall decode;
  decode.sequences = 4;
  decode.cached_tokens = 5000;
  decode.heads = 32;
  decode.kv_heads = 8;
  decode.head_dim = 128;
  // 5000 keys and values of 8 heads · 128 · 2 bytes
  CHECK(work_of(decode).floor_bytes == 4.0 * 5000 * 2 * 8 * 128 * 2);
  decode.fp8_kv = true;
  CHECK(work_of(decode).floor_bytes == 4.0 * 5000 * 2 * 8 * 128);
  decode.window = 1024;
  CHECK(work_of(decode).floor_bytes == 4.0 * 1024 * 2 * 8 * 128);
}

TEST_CASE("work of experts: rows fill tiles, a few tokens touch a few experts") {
  ExpertsCall call;
  call.tokens = 4;
  call.hidden = 2048;
  call.intermediate = 768;
  call.top_k = 8;
  call.experts = 128;
  // 32 pairs touch 32 experts of 3·2048·768 weights; each runs one tile of 64 rows
  const KernelWork balanced = work_of(call);
  CHECK(balanced.flops == 2.0 * 3 * 2048 * 768 * 32 * 64);
  CHECK(balanced.floor_flops == 2.0 * 3 * 2048 * 768 * 32);
  CHECK(balanced.bytes > 32.0 * 3 * 2048 * 768 * 2);
  // Uneven routing touches fewer experts, and sends the busiest rank more than its part.
  call.tokens = 64;
  call.ep = 8;
  ExpertsCall skewed = call;
  skewed.skew = 1.2;
  CHECK(work_of(skewed).bytes < work_of(call).bytes * 1.5);
  CHECK(coordinates_of(skewed)[6] > coordinates_of(call)[6]);
}

TEST_CASE("experts that expect one row see none a third of the time") {
  // 32 tokens of which each goes to 4 of 128: one row for each expert if they were dealt out, but
  // loads between 0.13 and 3.4 touch 66 of them: the mean of 1 - exp(-r) over r spread evenly in
  // logarithms is (Ein(3.38) - Ein(0.13)) / ln(25.6) = 0.52.
  ExpertsCall call;
  call.tokens = 32;
  call.hidden = call.intermediate = 2880;
  call.top_k = 4;
  call.experts = 128;
  CHECK(coordinates_of(call)[1] == Approx(7));  // all 128
  call.skew = 1.01;
  CHECK(std::exp2(coordinates_of(call)[1]) == Approx(66).epsilon(0.02));
}

TEST_CASE("experts may run as dense layers") {
  Operator op;
  Experts experts;
  experts.tokens = 16;
  experts.rows = 64;
  experts.hidden = 2048;
  experts.width = 96;
  experts.top_k = 4;
  experts.experts = 128;
  experts.experts_read = 50;
  op.shape = experts;
  REQUIRE(kernel_of(op));
  CHECK(std::get<ExpertsCall>(*kernel_of(op)).intermediate == 96);
  // One after the other: 50 experts of three matrices of 96 × 2048, 64 / 50 rows each.
  const std::optional<Kernel> dense = kernel_of(op, true);
  REQUIRE(dense);
  const GemmCall gemm = std::get<GemmCall>(*dense);
  CHECK(gemm.m == Approx(64.0 / 50));
  CHECK(gemm.n == 50 * 3 * 96);
  CHECK(gemm.k == 2048);
}

TEST_CASE("an all-reduce sends each part twice, the others once") {
  CollectiveCall call;
  call.ranks = 8;
  call.payload_bytes = 8e6;
  CHECK(work_of(call).link_bytes == 14e6);  // 2 · 7/8
  call.kind = Collective::kAllGather;
  CHECK(work_of(call).link_bytes == 7e6);
}

TEST_CASE("calls are read as measurements name them") {
  const auto gemm = read("gemm", {{"m", "16"}, {"n", "4096"}, {"k", "8192"}, {"dtype", "bf16"}});
  REQUIRE(gemm.ok());
  CHECK(class_of(gemm.value()) == "gemm/bf16");
  const auto decode = read("generation_attention", {{"batch_size", "8"},
                                                    {"isl", "1"},
                                                    {"step", "4095"},
                                                    {"num_heads", "32"},
                                                    {"num_key_value_heads", "8"},
                                                    {"head_dim", "128"},
                                                    {"kv_cache_dtype", "fp8"}});
  REQUIRE(decode.ok());
  CHECK(class_of(decode.value()) == "decode_attention/fp8/128");
  CHECK(std::get<AttentionCall>(decode.value()).cached_tokens == 4096);
  // Sizes of messages are in elements.
  const auto reduce = read("nccl", {{"op_name", "all_reduce"},
                                    {"num_gpus", "4"},
                                    {"nccl_dtype", "half"},
                                    {"message_size", "1024"}});
  REQUIRE(reduce.ok());
  CHECK(std::get<CollectiveCall>(reduce.value()).payload_bytes == 2048);
}

TEST_CASE("a call that cannot be read says which field is wrong") {
  struct Case {
    std::string op;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string code, path;
  };
  for (const Case& c : std::vector<Case>{
           {"gemm", {{"m", "16"}, {"n", "8"}, {"dtype", "bf16"}}, "missing_field", "k"},
           {"gemm", {{"m", "0"}, {"n", "8"}, {"k", "8"}, {"dtype", "bf16"}}, "out_of_range", "m"},
           {"gemm", {{"m", "1"}, {"n", "8"}, {"k", "x"}, {"dtype", "bf16"}}, "out_of_range", "k"},
           {"gemm", {{"m", "1"}, {"n", "8"}, {"k", "8"}, {"dtype", "q9"}}, "out_of_range", "dtype"},
           // A prompt without a length is no prompt of one token.
           {"context_attention",
            {{"batch_size", "1"}, {"num_heads", "8"}, {"head_dim", "128"}},
            "missing_field",
            "isl"},
           {"convolve", {}, "out_of_range", "op"}}) {
    CAPTURE(c.op, c.path);
    const auto result = read(c.op, c.fields);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == c.code);
    CHECK(result.error().path == c.path);
  }
}

TEST_CASE("how weights are multiplied follows their format and the units") {
  CHECK(kernel_format(plain_format(DType::kFp16), DType::kFp16) == KernelFormat::kBf16);
  CHECK(kernel_format(fp8_block_format(128, 128), DType::kFp8) == KernelFormat::kFp8Block);
  CHECK(kernel_format(fp8_format(32), DType::kFp8) == KernelFormat::kFp8);
  // Without fp8 units: unpacked to 16 bit.
  CHECK(kernel_format(fp8_format(32), DType::kBf16) == KernelFormat::kInt8WeightOnly);
  CHECK(kernel_format(nvfp4_format(), DType::kFp4) == KernelFormat::kNvfp4);
  CHECK(kernel_format(nvfp4_format(true), DType::kBf16) == KernelFormat::kInt4WeightOnly);
  CHECK(kernel_format(mxfp4_format(true), DType::kBf16) == KernelFormat::kMxfp4WeightOnly);
}
