#include "model/quantization.h"

#include "catch.h"
#include "model/weights.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

double checkpoint_bytes(const Architecture& architecture) {
  return weight_bytes_per_rank(architecture, architecture.formats, 1);
}

}  // namespace

TEST_CASE("bits per weight follow from the form of the quantization") {
  struct Case {
    const char* config;
    double bits;
    DType dtype;
    bool weight_only;
  };
  const std::vector<Case> cases = {
      // One fp32 scale per 128 · 128 weights: 8 + 32 / 16384
      {R"({"quant_method": "fp8", "weight_block_size": [128, 128]})", 8.001953125, DType::kFp8,
       false},
      {R"({"quant_method": "fp8", "weight_block_size": null})", 8, DType::kFp8, false},
      // A 16 bit scale and a 4 bit zero point per 128 weights: 4 + 20 / 128
      {R"({"quant_method": "awq", "bits": 4, "group_size": 128})", 4.15625, DType::kInt4, true},
      {R"({"quant_method": "gptq", "bits": 3, "group_size": -1})", 3, DType::kInt4, true},
      {R"({"quant_method": "gptq", "bits": 8, "group_size": 128})", 8.1875, DType::kInt8, true},
      // MLX: a scale and a bias of 16 bit per group: 4 + 32 / 64
      {R"({"bits": 4, "group_size": 64})", 4.5, DType::kInt4, true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    const Architecture architecture =
        architecture_of(with(kQwen25_32B, "quantization_config", c.config));
    const WeightFormat& format = architecture.quantization.rules.linear;
    CHECK(format.bits == c.bits);
    CHECK(format.dtype == c.dtype);
    CHECK(format.weight_only == c.weight_only);
  }
}

TEST_CASE("embeddings, head, norms, biases and routers stay 16 bit in an fp8 checkpoint") {
  const Architecture architecture = architecture_of(kDeepSeekR1);
  const ParameterCount count = count_parameters(architecture);
  // Norm vectors inside MLA are among norms: 7168·2 per layer + 1536 + 512, and 7168 at the end.
  const double sixteen_bit = count.of(Component::kEmbedding) + count.of(Component::kLmHead) +
                             count.of(Component::kNorms) + count.of(Component::kRouter);
  const double fp8 = count.total() - sixteen_bit;
  CHECK(checkpoint_bytes(architecture) ==
        Approx(sixteen_bit * 2 + fp8 * (1 + 4.0 / 16384)).epsilon(1e-12));
}

TEST_CASE("a form that is not known is named, and its bytes are not guessed") {
  const Architecture architecture =
      architecture_of(with(kQwen25_32B, "quantization_config", R"({"quant_method": "spqr"})"));
  CHECK_FALSE(architecture.quantization.understood);
  CHECK(architecture.notes.at(0).code == "quantization_not_understood");
}

TEST_CASE("nonsense in a quantization is refused") {
  struct Case {
    const char* config;
    const char* message;
  };
  const std::vector<Case> cases = {
      {R"({"quant_method": "awq", "bits": 99, "group_size": 128})",
       "bits is 99; it must be from 2 to 8"},
      {R"({"quant_method": "gptq", "group_size": 128})", "bits is missing"},
      {R"({"quant_method": "gptq", "bits": 4})", "group_size is missing"},
      {R"({"quant_method": "awq", "bits": 4, "group_size": 0})", "group_size is 0"},
      {R"({"quant_method": "fp8", "weight_block_size": [0, 128]})",
       "weight_block_size must be two sizes of at least 1"},
      {R"({"quant_method": "fp8", "weight_block_size": "128"})",
       "weight_block_size must be two sizes of at least 1"},
      {R"("fp8")", "quantization_config must be an object, found \"fp8\""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    const auto read =
        read_config(Json::parse(with(kQwen25_32B, "quantization_config", c.config)), "");
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message == c.message);
  }
}
