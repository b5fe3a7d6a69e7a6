// Section 8 of the reference notes: what each form of a quantization stores for each kind of
// weight; and GGUF files, whose published sizes less their headers are what their tensors take.
#include <cmath>
#include <set>
#include <utility>

#include "catch.h"
#include "model/assign_formats.h"
#include "model/gguf.h"
#include "model/quantization.h"
#include "model/weight_format.h"
#include "model/weights.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

/// 4 layers with 4 heads of 64 and 2 KV heads: every matrix has whole blocks of 128.
const std::string kDense = R"({"architectures": ["LlamaForCausalLM"], "hidden_size": 256,
  "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
  "intermediate_size": 512, "vocab_size": 1000, "max_position_embeddings": 512,
  "torch_dtype": "bfloat16"})";
constexpr double kAttention = 4 * (2 * 256 * 256 + 2 * 256 * 128);
constexpr double kFfn = 4 * 3 * 256 * 512;
constexpr double kTable = 1000 * 256;
constexpr double kNorms = 9 * 256;
// Outputs of q, k, v, o; of gate, up, down.
constexpr double kAttentionRows = 4 * (256 + 128 + 128 + 256);
constexpr double kFfnRows = 4 * (512 + 512 + 256);

std::string quantized(const std::string& config, const std::string& quantization) {
  return with(config, "quantization_config", quantization);
}

Architecture dense(const std::string& quantization) {
  return architecture_of(quantized(kDense, quantization));
}

double bytes_of(const Architecture& architecture) {
  return weight_bytes_per_rank(architecture, architecture.formats, 1);
}

/// Bytes of one component's matrices and vectors.
double bytes_of(const Architecture& architecture, const WeightFormats& formats,
                Component component) {
  double bytes = 0;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    if (tensor.component != component) continue;
    const WeightFormat& format = tensor.quantizable
                                     ? formats.of(tensor.group, tensor.component, tensor.name)
                                     : formats.other;
    bytes += tensor.elements * tensor.count * format.bits / 8;
  }
  return bytes;
}

double bytes_of(const Architecture& architecture, Component component) {
  return bytes_of(architecture, architecture.formats, component);
}

/// Layers that each group holds, in their order.
std::vector<std::vector<std::int64_t>> groups_of(const Architecture& architecture) {
  std::vector<std::vector<std::int64_t>> groups;
  for (const LayerGroup& group : architecture.layers) groups.push_back(group.indices);
  return groups;
}
using Groups = std::vector<std::vector<std::int64_t>>;

std::string compressed(const std::string& weights, const std::string& activations = "null") {
  return R"({"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"group_0": {
    "targets": ["Linear"], "weights": )" +
         weights + R"(, "input_activations": )" + activations + "}}}";
}

const std::string kAct8 = R"({"num_bits": 8})";

}  // namespace

TEST_CASE("quirks 8: bits of linear layers, and what stays 16 bit, in each form") {
  struct Case {
    std::string form;
    double bits;      ///< of each linear weight, scales of groups included
    double row_bits;  ///< of the scale of each output
    const char* name;
    DType dtype;
    bool weight_only;
  };
  const std::vector<Case> cases = {
      // DeepSeek, Qwen3-FP8, MiniMax, Kimi-K2, MiMo: an fp32 scale for 128 · 128
      {R"({"quant_method": "fp8", "weight_block_size": [128, 128], "fmt": "e4m3"})",
       8 + 32.0 / 16'384, 0, "fp8_block", DType::kFp8, false},
      {R"({"quant_method": "fp8", "weight_block_size": [64, 128]})", 8 + 32.0 / 8192, 0,
       "fp8_block", DType::kFp8, false},
      // Devstral-2: one scale of a tensor
      {R"({"quant_method": "fp8", "weight_block_size": null, "activation_scheme": "static"})", 8, 0,
       "fp8", DType::kFp8, false},
      {R"({"quant_method": "fbgemm_fp8"})", 8, 32, "fp8", DType::kFp8, false},
      // compressed-tensors: by number of bits, type and strategy
      {compressed(R"({"num_bits": 8, "type": "float", "strategy": "channel"})", kAct8), 8, 16,
       "fp8", DType::kFp8, false},
      {compressed(R"({"num_bits": 8, "type": "float", "strategy": "tensor"})", kAct8), 8, 0, "fp8",
       DType::kFp8, false},
      {compressed(R"({"num_bits": 8, "type": "float", "strategy": "channel"})"), 8, 16, "fp8",
       DType::kFp8, true},
      {compressed(
           R"({"num_bits": 8, "type": "float", "strategy": "block", "block_structure": [128, 128]})",
           kAct8),
       8 + 32.0 / 16'384, 0, "fp8_block", DType::kFp8, false},
      {compressed(
           R"({"num_bits": 8, "type": "float", "strategy": "block", "block_structure": [64, 64]})",
           kAct8),
       8 + 32.0 / 4096, 0, "fp8_block", DType::kFp8, false},
      {compressed(
           R"({"num_bits": 4, "type": "int", "strategy": "group", "group_size": 32, "symmetric": true})"),
       4 + 16.0 / 32, 0, "int4", DType::kInt4, true},  // Kimi-K2.5
      {compressed(
           R"({"num_bits": 4, "type": "int", "strategy": "group", "group_size": 128, "symmetric": false})"),
       4 + 20.0 / 128, 0, "int4", DType::kInt4, true},
      {compressed(R"({"num_bits": 8, "type": "int", "strategy": "channel"})", kAct8), 8, 16, "int8",
       DType::kInt8, false},
      {compressed(R"({"num_bits": 8, "type": "int", "strategy": "channel"})"), 8, 16,
       "int8_weight_only", DType::kInt8, true},
      {compressed(R"({"num_bits": 4, "type": "float", "strategy": "group", "group_size": 32})"),
       4 + 8.0 / 32, 0, "mxfp4", DType::kFp4, true},  // Kimi-K3
      {compressed(
           R"({"num_bits": 4, "type": "float", "strategy": "tensor_group", "group_size": 16})",
           kAct8),
       4 + 8.0 / 16, 0, "nvfp4", DType::kFp4, false},
      // ModelOpt
      {R"({"quant_method": "modelopt", "quant_algo": "FP8"})", 8, 0, "fp8", DType::kFp8, false},
      {R"({"quant_method": "modelopt", "quant_algo": "FP8_PER_CHANNEL_PER_TOKEN"})", 8, 32, "fp8",
       DType::kFp8, false},
      {R"({"quant_method": "modelopt", "quant_algo": "NVFP4"})", 4.5, 0, "nvfp4", DType::kFp4,
       false},
      {R"({"quant_method": "modelopt", "quant_algo": "W4A16_NVFP4"})", 4.5, 0, "nvfp4", DType::kFp4,
       true},
      {R"({"quant_method": "modelopt", "quant_algo": "MXFP8"})", 8.25, 0, "mxfp8", DType::kFp8,
       false},
      {R"({"quant_method": "modelopt", "quant_algo": "W4A16_AWQ", "group_size": 128})",
       4 + 16.0 / 128, 0, "int4", DType::kInt4, true},
      // GPTQ and AWQ: a scale and a zero point for each group, or for each output
      {R"({"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": false})",
       4 + 20.0 / 128, 0, "int4", DType::kInt4, true},
      {R"({"quant_method": "gptq", "bits": 3, "group_size": -1, "desc_act": true})", 3, 19, "int4",
       DType::kInt4, true},  // genz-70b
      {R"({"quant_method": "gptq", "bits": 8, "group_size": 32})", 8 + 24.0 / 32, 0,
       "int8_weight_only", DType::kInt8, true},
      {R"({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true})",
       4 + 20.0 / 128, 0, "int4", DType::kInt4, true},
      {R"({"quant_method": "awq", "w_bit": 4, "q_group_size": 64})", 4 + 20.0 / 64, 0, "int4",
       DType::kInt4, true},
      {R"({"quant_method": "auto-round", "bits": 4, "group_size": 128})", 4 + 20.0 / 128, 0, "int4",
       DType::kInt4, true},
      // bitsandbytes: an fp32 for each 64; double quantization: 8 bits, and an fp32 for 256 of them
      {R"({"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "nf4"})",
       4 + 32.0 / 64, 0, "nf4", DType::kInt4, true},
      {R"({"quant_method": "bitsandbytes", "_load_in_4bit": true, "bnb_4bit_use_double_quant": true})",
       4 + 8.0 / 64 + 32.0 / 16'384, 0, "nf4", DType::kInt4, true},
      {R"({"quant_method": "bitsandbytes", "load_in_8bit": true})", 8, 32, "int8", DType::kInt8,
       false},
      // AMD's, and others
      {R"({"quant_method": "quark", "exclude": ["lm_head"], "global_quant_config": {"weight": {"dtype": "fp4",
        "qscheme": "per_group", "group_size": 32, "scale_format": "e8m0"}}})",
       4.25, 0, "mxfp4", DType::kFp4, false},
      {R"({"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp8_e4m3",
        "qscheme": "per_tensor"}}})",
       8, 0, "fp8", DType::kFp8, false},
      {R"({"quant_method": "hqq", "skip_modules": ["lm_head"], "quant_config": {"weight_quant_params": {"nbits": 4,
        "group_size": 64}}})",
       4 + 32.0 / 64, 0, "int4", DType::kInt4, true},
      {R"({"quant_method": "aqlm", "num_codebooks": 1, "nbits_per_codebook": 16, "in_group_size": 8,
        "out_group_size": 1})",
       2, 16, "aqlm", DType::kInt4, true},
      {R"({"quant_method": "eetq"})", 8, 16, "int8_weight_only", DType::kInt8, true},
      {R"({"quant_method": "torchao", "quant_type": "int4_weight_only", "quant_type_kwargs": {"group_size": 64}})",
       4 + 32.0 / 64, 0, "int4", DType::kInt4, true},
      {R"({"quant_method": "torchao", "quant_type": {"default": {"_type": "Int4WeightOnlyConfig",
        "_data": {"group_size": 32}}}})",
       4 + 32.0 / 32, 0, "int4", DType::kInt4, true},
      {R"({"quant_method": "bitnet"})", 2, 0, "ternary", DType::kInt4, true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.form);
    const Architecture architecture = dense(c.form);
    CHECK(architecture.notes.empty());
    CHECK(architecture.quantization.understood);
    CHECK(architecture.formats.linear.name == c.name);
    CHECK(architecture.formats.linear.dtype == c.dtype);
    CHECK(architecture.formats.linear.weight_only == c.weight_only);
    CHECK(bytes_of(architecture, Component::kAttention) ==
          Approx((kAttention * c.bits + kAttentionRows * c.row_bits) / 8).epsilon(1e-12));
    CHECK(bytes_of(architecture, Component::kFfn) ==
          Approx((kFfn * c.bits + kFfnRows * c.row_bits) / 8).epsilon(1e-12));
    CHECK(bytes_of(architecture, Component::kEmbedding) == 2 * kTable);
    CHECK(bytes_of(architecture, Component::kLmHead) == 2 * kTable);
    CHECK(bytes_of(architecture, Component::kNorms) == 2 * kNorms);
  }
}

TEST_CASE("quirks 8: MLX quantizes tables too") {
  struct Case {
    const char* form;
    double bits;
    const char* name;
  };
  const std::vector<Case> cases = {
      {R"({"group_size": 64, "bits": 4})", 4.5, "int4"},  // a scale and a bias of 16 bit
      {R"({"group_size": 32, "bits": 8})", 9, "int8_weight_only"},
      {R"({"group_size": 32, "bits": 4, "mode": "mxfp4"})", 4.25, "mxfp4"},
      {R"({"group_size": 16, "bits": 4, "mode": "nvfp4"})", 4.5, "nvfp4"},
      {R"({"group_size": 32, "bits": 8, "mode": "mxfp8"})", 8.25, "mxfp8"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.form);
    // The same stands twice in its files.
    const Architecture architecture =
        architecture_of(with(quantized(kDense, c.form), "quantization", c.form));
    CHECK(architecture.formats.linear.name == c.name);
    CHECK(bytes_of(architecture) ==
          Approx((kAttention + kFfn + 2 * kTable) * c.bits / 8 + 2 * kNorms));
  }
  // Modules that differ stand beside, named.
  const Architecture mixed =
      architecture_of(with(kDense, "quantization", R"({"group_size": 64, "bits": 4,
    "model.layers.2.mlp.down_proj": {"group_size": 64, "bits": 8}, "lm_head": false})"));
  CHECK(groups_of(mixed) == Groups{{0, 1, 3}, {2}});
  const double down = 256 * 512;
  CHECK(bytes_of(mixed) == Approx(((kAttention + kFfn - down + kTable) * 4.5 + down * 8.5) / 8 +
                                  2 * kTable + 2 * kNorms));
  // Qwen3-14B-MLX-4bit: 14,768,307,200 of which 40 · (2 · 5120 + 2 · 128) + 5120 are norms
  const Architecture qwen =
      architecture_of(R"({"architectures": ["Qwen3ForCausalLM"], "hidden_size": 5120,
    "intermediate_size": 17408, "num_hidden_layers": 40, "num_attention_heads": 40, "num_key_value_heads": 8,
    "head_dim": 128, "vocab_size": 151936, "torch_dtype": "bfloat16", "quantization": {"group_size": 64, "bits": 4}})");
  CHECK(bytes_of(qwen) == (14'768'307'200.0 - 424'960) * 4.5 / 8 + 424'960 * 2);
}

TEST_CASE("quirks 8: lists keep modules in 16 bit, under the names that each method gives them") {
  struct Case {
    std::string form;
    double sixteen;  ///< linear weights that are kept
  };
  const double layer = (kAttention + kFfn) / 4, down = 256 * 512;
  const std::vector<Case> cases = {
      {R"({"quant_method": "fp8", "modules_to_not_convert": ["lm_head"]})", 0},
      {R"({"quant_method": "fp8", "modules_to_not_convert": ["model.layers.0", "model.layers.3"]})",
       2 * layer},
      {R"({"quant_method": "fp8", "ignored_layers": ["model.layers.1.mlp.down_proj"]})", down},
      {R"({"quant_method": "fp8", "ignored_layers": ["self_attn"]})", kAttention},
      // Found by fuzzing: a layer of more digits than a number holds overflowed.
      {R"({"quant_method": "fp8", "ignored_layers": ["model.layers.06666666666666666666666.mlp.up_proj"]})",
       0},
      {R"({"quant_method": "modelopt", "quant_algo": "FP8", "ignore": ["lm_head", "model.layers.0.self_attn*"]})",
       kAttention / 4},
      {R"({"quant_method": "modelopt", "quant_algo": "FP8", "exclude_modules": ["model.layers.*.self_attn"]})",
       kAttention},
      // As hf_quant_config.json has it: one level deeper
      {R"({"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8", "exclude_modules": ["lm_head",
        "model.layers.2*"]}})",
       layer},
      {R"({"quant_method": "compressed-tensors", "ignore": ["re:.*self_attn.*", "lm_head"], "config_groups": {"g": {
        "targets": ["Linear"], "input_activations": {}, "weights": {"num_bits": 8, "type": "float",
        "strategy": "tensor"}}}})",
       kAttention},
      {R"({"quant_method": "quark", "exclude": ["re:.*down_proj"], "global_quant_config": {"weight": {
        "dtype": "fp8_e4m3"}}})",
       4 * down},
  };
  for (const Case& c : cases) {
    CAPTURE(c.form);
    const Architecture architecture = dense(c.form);
    CHECK(architecture.quantization.understood);
    CHECK(bytes_of(architecture) == kAttention + kFfn + c.sixteen + 4 * kTable + 2 * kNorms);
  }
  // AWQ, bitsandbytes and AutoRound
  const double int4 = (4 + 20.0 / 128) / 8;
  CHECK(bytes_of(dense(R"({"quant_method": "awq", "bits": 4, "group_size": 128,
    "modules_to_not_convert": ["down_proj"]})")) ==
        Approx((kAttention + kFfn - 4 * down) * int4 + 8 * down + 4 * kTable + 2 * kNorms));
  CHECK(bytes_of(dense(R"({"quant_method": "auto-round", "bits": 4, "group_size": 128,
    "extra_config": {"model.layers.0.mlp.down_proj": {"bits": 16}}})")) ==
        Approx((kAttention + kFfn - down) * int4 + 2 * down + 4 * kTable + 2 * kNorms));
  CHECK(bytes_of(dense(R"({"quant_method": "bitsandbytes", "load_in_4bit": true,
    "llm_int8_skip_modules": ["lm_head", "self_attn"]})")) ==
        Approx(kFfn * 4.5 / 8 + 2 * kAttention + 4 * kTable + 2 * kNorms));
}

TEST_CASE("quirks 8: GPTQ's dynamic rules keep modules or change them") {
  const double int4 = 4 + 20.0 / 128, down = 4 * 256 * 512, rest = 4 * kTable + 2 * kNorms;
  const auto gptq = [](const std::string& more) {
    return bytes_of(
        dense(R"({"quant_method": "gptq", "bits": 4, "group_size": 128, )" + more + "}"));
  };
  CHECK(gptq(R"("dynamic": {"-:.*attn.*": {}})") ==
        Approx(2 * kAttention + kFfn * int4 / 8 + rest));
  CHECK(gptq(R"("dynamic": {"+:.*down_proj.*": {"bits": 8}})") ==
        Approx(((kAttention + kFfn - down) * int4 + down * (8 + 24.0 / 128)) / 8 + rest));
  CHECK(gptq(R"("dynamic": {".*down_proj.*": {"bits": 8, "group_size": 32}})") ==
        Approx(((kAttention + kFfn - down) * int4 + down * (8 + 24.0 / 32)) / 8 + rest));
  CHECK(gptq(R"("dynamic": {"+:.*down_proj.*": {"group_size": 32}})") ==
        Approx(((kAttention + kFfn - down) * int4 + down * (4 + 20.0 / 32)) / 8 + rest));
  CHECK(gptq(R"("dynamic": {"lm_head": {}, "model.embed_tokens": {}})") ==
        Approx((kAttention + kFfn) * int4 / 8 + rest));
  CHECK(gptq(R"("lm_head": true)") ==
        Approx((kAttention + kFfn + kTable) * int4 / 8 + 2 * kTable + 2 * kNorms));
}

TEST_CASE("quirks 8: mxfp4 of gpt-oss is of experts only, to the byte") {
  const std::string small =
      R"({"architectures": ["GptOssForCausalLM"], "hidden_size": 2880, "intermediate_size": 2880,
    "num_hidden_layers": 24, "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64,
    "num_local_experts": 32, "num_experts_per_tok": 4, "sliding_window": 128, "max_position_embeddings": 131072,
    "vocab_size": 201088, "torch_dtype": "bfloat16", "quantization_config": {"quant_method": "mxfp4",
    "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens",
    "lm_head"]}})";
  // Published: the tensors of gpt-oss-20b and 120b. Experts 24 · 32 · 3 · 2880² at 4.25 bits, all
  // else 16.
  CHECK(bytes_of(architecture_of(small)) == 13'761'264'768);
  CHECK(bytes_of(architecture_of(with(with(small, "num_hidden_layers", "36"), "num_local_experts",
                                      "128"))) == 65'248'815'744);
}

TEST_CASE("quirks 8: AWQ of Qwen2.5-7B, to the byte") {
  // 196 matrices, 4 bits with a scale and a zero point for 128; tables, norms and biases 16 bit
  CHECK(bytes_of(architecture_of(R"({"architectures": ["Qwen2ForCausalLM"], "hidden_size": 3584,
    "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4,
    "tie_word_embeddings": false, "vocab_size": 152064, "torch_dtype": "float16", "quantization_config": {
    "quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "version": "gemm"}})")) ==
        5'570'747'392);
}

TEST_CASE(
    "quirks 8: routers, norms, convolutions and tables stay 16 bit, experts may be narrower than "
    "the rest") {
  const std::string moe =
      R"({"architectures": ["DeepseekV3ForCausalLM"], "hidden_size": 256, "num_hidden_layers": 2,
    "num_attention_heads": 4, "q_lora_rank": 128, "kv_lora_rank": 128, "qk_nope_head_dim": 64, "qk_rope_head_dim": 64,
    "v_head_dim": 64, "intermediate_size": 512, "moe_intermediate_size": 128, "n_routed_experts": 4,
    "n_shared_experts": 1, "num_experts_per_tok": 2, "first_k_dense_replace": 1, "topk_method": "noaux_tc",
    "vocab_size": 1000, "torch_dtype": "bfloat16"})";
  const double experts = 4 * 3 * 256 * 128, shared = 3 * 256 * 128, router = 257 * 4;
  const double mla = 2 * (256 * 128 + 128 * 512 + 256 * 192 + 128 * 512 + 256 * 256);
  const double block = (8 + 32.0 / 16'384) / 8;
  // DeepSeek-V4: experts in fp4, the rest in fp8
  const Architecture fp4 = architecture_of(with(quantized(moe, R"({"quant_method": "fp8",
    "weight_block_size": [128, 128], "scale_fmt": "ue8m0"})"),
                                                "expert_dtype", R"("fp4")"));
  CHECK(bytes_of(fp4, Component::kExperts) == experts * 4.25 / 8);
  CHECK(bytes_of(fp4, Component::kSharedExperts) == Approx(shared * block));
  CHECK(bytes_of(fp4, Component::kAttention) == Approx(mla * block));
  CHECK(bytes_of(fp4, Component::kFfn) == Approx(3 * 256 * 512 * block));
  CHECK(bytes_of(fp4, Component::kRouter) == 2 * router);
  CHECK(bytes_of(fp4, Component::kLmHead) == 2 * kTable);
  // Kimi-K2.5: only routed experts are integers.
  const Architecture kimi = architecture_of(quantized(moe, R"({"quant_method": "compressed-tensors",
    "format": "pack-quantized", "ignore": ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*",
    "re:.*mlp\\.(gate|up|gate_up|down)_proj.*"], "config_groups": {"group_0": {"targets": ["Linear"],
    "input_activations": null, "weights": {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 32,
    "symmetric": true}}}})"));
  CHECK(bytes_of(kimi, Component::kExperts) == experts * 4.5 / 8);
  CHECK(bytes_of(kimi, Component::kSharedExperts) == 2 * shared);
  CHECK(bytes_of(kimi, Component::kAttention) == 2 * mla);
  CHECK(bytes_of(kimi, Component::kFfn) == 2 * 3 * 256 * 512);
  // Qwen3.5's GPTQ keeps attention, linear attention and the shared expert.
  const std::string qwen = R"({"architectures": ["Qwen3_5MoeForCausalLM"], "hidden_size": 256,
    "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 64, "num_experts": 4,
    "num_experts_per_tok": 2, "moe_intermediate_size": 128, "shared_expert_intermediate_size": 128,
    "linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 64, "linear_value_head_dim": 64,
    "linear_conv_kernel_dim": 4, "vocab_size": 1000, "torch_dtype": "bfloat16"})";
  const Architecture gptq =
      architecture_of(quantized(qwen, R"({"quant_method": "gptq", "bits": 4, "group_size": 128,
    "dynamic": {"-:.*attn.*": {}, "-:.*shared_expert.*": {}, "-:.*mtp.*": {}, "-:.*visual.*": {}, "lm_head": {}}})"));
  const ParameterCount count = count_parameters(gptq);
  CHECK(bytes_of(gptq, Component::kExperts) ==
        Approx(count.of(Component::kExperts) * (4 + 20.0 / 128) / 8));
  CHECK(bytes_of(gptq) == Approx(2 * (count.total() - count.of(Component::kExperts)) +
                                 count.of(Component::kExperts) * (4 + 20.0 / 128) / 8));
  // Their convolutions, decay rates and norms are never quantized, whatever the rest is.
  const Architecture fp8 = architecture_of(quantized(qwen, R"({"quant_method": "fp8"})"));
  const double vectors = 3 * ((2 * 128 + 256) * 4 + 2 * 4);
  CHECK(bytes_of(fp8, Component::kRecurrent) == count.of(Component::kRecurrent) + vectors);
  CHECK(bytes_of(fp8, Component::kNorms) == 2 * count.of(Component::kNorms));
}

TEST_CASE("quirks 8: layers whose format differs become groups of their own") {
  // Llama-3.1-405B-FP8: attention everywhere and the FFNs of the first and last layer stay 16 bit
  std::vector<std::string> kept;
  for (int i = 0; i < 4; ++i) {
    for (const char* name : {"q_proj", "k_proj", "v_proj", "o_proj"}) {
      kept.push_back("model.layers." + std::to_string(i) + ".self_attn." + name);
    }
  }
  for (const char* layer : {"0", "3"}) {
    for (const char* name : {"gate_proj", "up_proj", "down_proj"}) {
      kept.push_back(std::string("model.layers.") + layer + ".mlp." + name);
    }
  }
  const Architecture llama = dense(R"({"quant_method": "fbgemm_fp8", "modules_to_not_convert": )" +
                                   Json(kept).dump() + "}");
  CHECK(groups_of(llama) == Groups{{0, 3}, {1, 2}});
  // An fp32 scale for each output: 2 layers of 512, 512 and 256
  CHECK(bytes_of(llama, Component::kFfn) == 2 * kFfn / 2 + kFfn / 2 + 4 * 2 * 1280);
  CHECK(bytes_of(llama, Component::kAttention) == 2 * kAttention);
  // What is counted does not depend on how layers are grouped.
  CHECK(count_parameters(llama).total() == count_parameters(architecture_of(kDense)).total());

  // ModelOpt's MIXED_PRECISION lists each module; what it leaves out is 16 bit.
  Json modules = Json::object();
  for (int i = 0; i < 4; ++i) {
    const std::string layer = "model.layers." + std::to_string(i);
    for (const char* name : {"gate_proj", "up_proj", "down_proj"}) {
      modules[layer + ".mlp." + name] = {{"quant_algo", "NVFP4"}, {"group_size", 16}};
    }
    if (i > 1) continue;
    for (const char* name : {"q_proj", "k_proj", "v_proj", "o_proj"}) {
      modules[layer + ".self_attn." + name] = {{"quant_algo", "FP8"}};
    }
  }
  modules["lm_head"] = {{"quant_algo", "W4A16_NVFP4"}};
  const Architecture mixed = dense(R"({"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION",
    "quantized_layers": )" + modules.dump() +
                                   "}");
  CHECK(groups_of(mixed) == Groups{{0, 1}, {2, 3}});
  CHECK(bytes_of(mixed, Component::kFfn) == kFfn * 4.5 / 8);
  CHECK(bytes_of(mixed, Component::kAttention) == kAttention / 2 + 2 * kAttention / 2);
  CHECK(bytes_of(mixed, Component::kLmHead) == kTable * 4.5 / 8);
  CHECK(bytes_of(mixed, Component::kEmbedding) == 2 * kTable);
  CHECK(mixed.formats.linear.name == "nvfp4");

  // Layers that differ in bits but not in what is multiplied stay together, with the mean of their
  // bits.
  const Architecture close =
      architecture_of(with(kDense, "quantization", R"({"group_size": 64, "bits": 4,
    "model.layers.0.mlp.down_proj": {"group_size": 64, "bits": 3}})"));
  CHECK(groups_of(close) == Groups{{0, 1, 2, 3}});
  CHECK(close.formats.of(0, Component::kFfn, "down_proj").bits == (3 * 4.5 + 3.5) / 4);
}

TEST_CASE("quirks 8: a config may say how the KV cache is kept") {
  struct Case {
    const char* form;
    std::optional<DType> kv_cache;
  };
  const std::vector<Case> cases = {
      {R"({"quant_method": "fp8"})", std::nullopt},
      {R"({"quant_method": "fp8", "kv_cache_scheme": "static"})", DType::kFp8},
      {R"({"quant_method": "modelopt", "quant_algo": "NVFP4", "kv_cache_scheme": {"num_bits": 8, "type": "float"}})",
       DType::kFp8},
      {R"({"quant_method": "modelopt", "quant_algo": "NVFP4", "kv_cache_scheme": "NVFP4"})",
       DType::kFp4},
      {R"({"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8"})",
       DType::kFp8},
      {R"({"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "NVFP4"})",
       DType::kFp4},
      {R"({"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": null})",
       std::nullopt},
      {R"({"quantization": {"quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8"}})", DType::kFp8},
      {R"({"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp4"}},
        "layer_quant_config": {"*k_proj": {"output_tensors": {"dtype": "fp8_e4m3"}},
        "*v_proj": {"output_tensors": {"dtype": "fp8_e4m3"}}}})",
       DType::kFp8},
  };
  for (const Case& c : cases) {
    CAPTURE(c.form);
    CHECK(dense(c.form).quantization.kv_cache == c.kv_cache);
  }
}

TEST_CASE("quirks 8: forms that are not understood are named, and nothing is guessed from them") {
  struct Case {
    const char* form;
    const char* method;
  };
  const std::vector<Case> cases = {
      {R"({"quant_method": "spqr"})", "\"spqr\""},
      {R"({"quant_method": "modelopt", "quant_algo": "FP2"})", "\"modelopt FP2\""},
      {R"({"quant_method": "modelopt"})", "\"modelopt\" without quant_algo"},
      {R"({"quant_method": "compressed-tensors"})", "\"compressed-tensors\" without config_groups"},
      {R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {"targets": ["Linear"],
        "weights": {"num_bits": 4, "type": "complex"}}}})",
       "\"compressed-tensors group_0\""},
      {R"({"quant_method": "bitsandbytes"})",
       "\"bitsandbytes\" without load_in_4bit or load_in_8bit"},
      {R"({"quant_method": "torchao", "quant_type": "uintx"})", "\"torchao\""},
      {R"({"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "int3"}}})",
       "\"quark\""},
      {R"({"group_size": 64, "bits": 4, "mode": "ternary"})", "\"mlx ternary\""},
      {R"({})", "unknown form"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.form);
    const Architecture architecture = dense(c.form);
    CHECK_FALSE(architecture.quantization.understood);
    REQUIRE(architecture.notes.size() == 1);
    CHECK(architecture.notes[0].code == "quantization_not_understood");
    CHECK(architecture.notes[0].message == "quantization_config of " + std::string(c.method) +
                                               " is not understood: weight bytes are not given");
    CHECK(count_parameters(architecture).total() == kAttention + kFfn + 2 * kTable + kNorms);
  }
  // A pattern that cannot be read is told of; what it would have named is counted as the rest.
  const Architecture lost =
      dense(R"({"quant_method": "fp8", "ignored_layers": ["re:(?i).*mlp.*", "lm_head"]})");
  CHECK(lost.quantization.understood);
  CHECK(lost.notes.at(0).code == "module_pattern_not_understood");
  CHECK(lost.notes.at(0).params == Params{{"pattern", "re:(?i).*mlp.*"}});
}

TEST_CASE("formats that can be asked for") {
  struct Case {
    const char* name;
    double bits, row_bits;
    bool weight_only;
  };
  const std::vector<Case> cases = {
      {"bf16", 16, 0, false},
      {"fp16", 16, 0, false},
      {"fp8", 8, 16, false},
      {"fp8_block", 8 + 32.0 / 16'384, 0, false},
      {"mxfp8", 8.25, 0, false},
      {"int8", 8, 16, false},
      {"int8_weight_only", 8, 16, true},
      {"int4", 4 + 20.0 / 128, 0, true},
      {"nvfp4", 4.5, 0, false},
      {"mxfp4", 4.25, 0, false},
  };
  const Architecture architecture = architecture_of(kDense);
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const WeightFormats formats = requested_formats(architecture, c.name);
    CHECK(formats.linear.name == c.name);
    CHECK(formats.linear.weight_only == c.weight_only);
    CHECK(weight_bytes_per_rank(architecture, formats, 1) ==
          Approx(((kAttention + kFfn) * c.bits + (kAttentionRows + kFfnRows) * c.row_bits) / 8 +
                 4 * kTable + 2 * kNorms));
  }
  // Every name is known, and none twice.
  std::set<std::string> names(requestable_formats().begin(), requestable_formats().end());
  CHECK(names.size() == requestable_formats().size());
  for (const std::string& name : requestable_formats()) {
    CHECK((weight_format_named(name).has_value() != is_gguf_type(name)));
  }
  CHECK_FALSE(weight_format_named("int5").has_value());
  CHECK_FALSE(is_gguf_type("q4_k"));
  // Asked for, a format replaces that of the checkpoint, in groups that ranks may cut.
  const Architecture fp8 =
      dense(R"({"quant_method": "fp8", "modules_to_not_convert": ["model.layers.0"]})");
  const WeightFormats int4 = requested_formats(fp8, "int4");
  CHECK(int4.linear.group == 0);
  CHECK(weight_bytes_per_rank(fp8, int4, 1) ==
        Approx((kAttention + kFfn) * (4 + 20.0 / 128) / 8 + 4 * kTable + 2 * kNorms));
}

TEST_CASE("weights on a rank: groups and KV heads") {
  const Architecture architecture = dense(R"({"quant_method": "fp8"})");
  // On 4 ranks each has one of two KV heads: k and v half of their weights, not a quarter.
  const double kv = 4 * 2 * 256 * 128;
  CHECK(weight_bytes_per_rank(architecture, architecture.formats, 4) ==
        (kAttention - kv + kFfn) / 4 + kv / 2 + 4 * kTable / 4 + 2 * kNorms);
}

namespace {

struct Files {
  const char* model;
  std::string config;
  double header;  ///< bytes of a file before its tensors: tokenizer and metadata
  std::vector<std::pair<const char*, double>> sizes;
};

std::string llama(const std::string& sizes) {
  return R"({"architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", )" + sizes + "}";
}
std::string qwen2(const std::string& sizes) {
  return R"({"architectures": ["Qwen2ForCausalLM"], "torch_dtype": "bfloat16", )" + sizes + "}";
}
std::string qwen3(const std::string& sizes) {
  return R"({"architectures": ["Qwen3ForCausalLM"], "torch_dtype": "bfloat16", "head_dim": 128, )" +
         sizes + "}";
}

/// One row more than what we count: rotary frequencies, and padding of each tensor to 32 bytes.
constexpr double kSlack = 512;

}  // namespace

TEST_CASE("GGUF: published sizes of dense models, less their headers") {
  const std::vector<Files> models = {
      {"Llama-3.1-8B (bartowski)",
       llama(
           R"("hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
         "num_key_value_heads": 8, "vocab_size": 128256)"),
       7'840'928,
       {{"iq2_m", 2'948'285'856},
        {"iq3_m", 3'784'828'320},
        {"iq4_nl", 4'677'993'888},
        {"iq4_xs", 4'447'667'616},
        {"q2_k", 3'179'136'416},
        {"q3_k_l", 4'321'961'376},
        {"q3_k_m", 4'018'922'912},
        {"q3_k_s", 3'664'504'224},
        {"q4_k_m", 4'920'739'232},
        {"q4_k_s", 4'692'673'952},
        {"q5_k_m", 5'732'992'416},
        {"q5_k_s", 5'599'298'976},
        {"q6_k", 6'596'011'424},
        {"q8_0", 8'540'775'840}}},
      {"Qwen3-4B, tied",
       qwen3(
           R"("hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36, "num_attention_heads": 32,
         "num_key_value_heads": 8, "tie_word_embeddings": true, "vocab_size": 151936)"),
       5'956'320,
       {{"q4_k_m", 2'497'280'256},
        {"q5_0", 2'823'710'976},
        {"q5_k_m", 2'889'513'184},
        {"q6_k", 3'306'260'704},
        {"q8_0", 4'280'404'704}}},
      {"Qwen3-8B",
       qwen3(
           R"("hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36, "num_attention_heads": 32,
         "num_key_value_heads": 8, "vocab_size": 151936)"),
       5'956'384,
       {{"q4_k_m", 5'027'783'488},
        {"q5_0", 5'720'761'152},
        {"q5_k_m", 5'851'112'224},
        {"q6_k", 6'725'899'040},
        {"q8_0", 8'709'518'112}}},
      {"Qwen2.5-7B, with biases",
       qwen2(
           R"("hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
         "num_key_value_heads": 4, "vocab_size": 152064)"),
       5'953'536,
       {{"q2_k", 3'015'940'032},
        {"q3_k_m", 3'808'391'104},
        {"q4_0", 4'431'390'720},
        {"q4_k_m", 4'683'073'536},
        {"q5_k_m", 5'444'831'232},
        {"q6_k", 6'254'198'784},
        {"q8_0", 8'098'525'184}}},
      {"Qwen2.5-0.5B, whose rows of 896 no block of 256 divides",
       qwen2(
           R"("hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24, "num_attention_heads": 14,
         "num_key_value_heads": 2, "vocab_size": 151936)"),
       5'947'744,
       {{"q2_k", 415'182'688},
        {"q3_k_m", 432'041'824},
        {"q4_0", 428'730'208},
        {"q4_k_m", 491'400'032},
        {"q5_0", 490'475'360},
        {"q5_k_m", 522'186'592},
        {"q6_k", 650'379'104},
        {"q8_0", 675'710'816}}},
      {"Qwen2.5-Coder-32B",
       qwen2(
           R"("hidden_size": 5120, "intermediate_size": 27648, "num_hidden_layers": 64, "num_attention_heads": 40,
         "num_key_value_heads": 8, "vocab_size": 152064)"),
       5'978'304,
       {{"q2_k", 12'313'098'432},
        {"q3_k_m", 15'935'047'872},
        {"q4_0", 18'640'230'592},
        {"q4_k_m", 19'851'335'872},
        {"q5_0", 22'638'254'272},
        {"q5_k_m", 23'262'156'992},
        {"q6_k", 26'886'154'432},
        {"q8_0", 34'820'884'672}}},
      {"Llama-3.2-1B, tied",
       llama(
           R"("hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32,
         "num_key_value_heads": 8, "head_dim": 64, "tie_word_embeddings": true, "vocab_size": 128256)"),
       7'831'552,
       {{"iq3_m", 657'289'344},
        {"iq4_xs", 743'141'504},
        {"q3_k_l", 732'524'672},
        {"q4_k_m", 807'694'464},
        {"q4_k_s", 775'647'360},
        {"q5_k_m", 911'503'488},
        {"q5_k_s", 892'563'584},
        {"q6_k", 1'021'800'576},
        {"q8_0", 1'321'083'008}}},
      {"Llama-3.2-3B, whose 24 heads share 8: fewer than four to one",
       llama(
           R"("hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 28, "num_attention_heads": 24,
         "num_key_value_heads": 8, "head_dim": 128, "tie_word_embeddings": true, "vocab_size": 128256)"),
       7'837'888,
       {{"iq4_nl", 1'917'190'592},
        {"iq4_xs", 1'829'110'208},
        {"q2_k", 1'363'935'680},
        {"q3_k_m", 1'687'159'232},
        {"q3_k_s", 1'542'848'960},
        {"q4_k_m", 2'019'377'600},
        {"q4_k_s", 1'928'200'640},
        {"q5_k_m", 2'322'153'920},
        {"q5_k_s", 2'269'512'128},
        {"q6_k", 2'643'853'760},
        {"q8_0", 3'421'898'816}}},
  };
  for (const Files& model : models) {
    CAPTURE(model.model);
    const Architecture architecture = architecture_of(model.config);
    for (const auto& [type, size] : model.sizes) {
      CAPTURE(type);
      const double bytes =
          weight_bytes_per_rank(architecture, requested_formats(architecture, type), 1);
      CHECK(std::abs(size - model.header - bytes) <= kSlack);
    }
  }
}

TEST_CASE("GGUF: experts") {
  // Qwen3-30B-A3B, published
  const Architecture qwen =
      architecture_of(R"({"architectures": ["Qwen3MoeForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 6144, "moe_intermediate_size": 768, "num_hidden_layers": 48, "num_attention_heads": 32,
    "num_key_value_heads": 4, "head_dim": 128, "num_experts": 128, "num_experts_per_tok": 8, "vocab_size": 151936,
    "torch_dtype": "bfloat16"})");
  CHECK(std::abs(18'556'685'824 - 5'969'408 -
                 weight_bytes_per_rank(qwen, requested_formats(qwen, "q4_k_m"), 1)) <= kSlack);
  // Mixtral, whose eight experts have rules of their own: published to three digits, in GB
  const Architecture mixtral = architecture_of(kMixtral);
  const std::vector<std::pair<const char*, double>> sizes = {{"q2_k", 17.3},   {"q3_k_m", 22.5},
                                                             {"q4_k_m", 28.4}, {"q5_k_m", 33.2},
                                                             {"q6_k", 38.4},   {"iq3_m", 21.4}};
  for (const auto& [type, size] : sizes) {
    CAPTURE(type);
    const double bytes = weight_bytes_per_rank(mixtral, requested_formats(mixtral, type), 1);
    CHECK(std::round(bytes / 1e8) / 10 == Approx(size));
  }
  // gpt-oss-20b: experts mxfp4, all other matrices q8_0, the rest fp32. 12,109,566,624 with a
  // header of 13.0 MB
  const Architecture oss =
      architecture_of(R"({"architectures": ["GptOssForCausalLM"], "hidden_size": 2880,
    "intermediate_size": 2880, "num_hidden_layers": 24, "num_attention_heads": 64, "num_key_value_heads": 8,
    "head_dim": 64, "num_local_experts": 32, "num_experts_per_tok": 4, "vocab_size": 201088,
    "torch_dtype": "bfloat16"})");
  const double oss_bytes = weight_bytes_per_rank(oss, requested_formats(oss, "mxfp4_moe"), 1);
  CHECK(12'109'566'624 - oss_bytes == Approx(13.0e6).epsilon(0.01));
}

TEST_CASE("GGUF: bits of types by their blocks") {
  GgufModel model;
  model.layers = 32;
  model.heads_per_kv_head = 4;
  struct Case {
    const char* file;
    const char* tensor;
    Component component;
    std::int64_t in, layer;
    double bits;
  };
  const std::vector<Case> cases = {
      {"q8_0", "up_proj", Component::kFfn, 4096, 5, 8.5},
      {"q4_0", "up_proj", Component::kFfn, 4096, 5, 4.5},
      {"q5_0", "up_proj", Component::kFfn, 4096, 5, 5.5},
      {"q2_k", "up_proj", Component::kFfn, 4096, 5, 2.625},
      {"q3_k_m", "up_proj", Component::kFfn, 4096, 5, 3.4375},
      {"q4_k_m", "up_proj", Component::kFfn, 4096, 5, 4.5},
      {"q5_k_m", "up_proj", Component::kFfn, 4096, 5, 5.5},
      {"q6_k", "up_proj", Component::kFfn, 4096, 5, 6.5625},
      {"iq2_xxs", "up_proj", Component::kFfn, 4096, 5, 2.0625},
      {"iq2_xs", "up_proj", Component::kFfn, 4096, 5, 2.3125},
      {"iq2_m", "up_proj", Component::kFfn, 4096, 5, 2.5625},
      {"iq3_xxs", "up_proj", Component::kFfn, 4096, 5, 3.0625},
      {"iq3_m", "up_proj", Component::kFfn, 4096, 5, 3.4375},
      {"iq4_xs", "up_proj", Component::kFfn, 4096, 5, 4.25},
      {"iq4_nl", "up_proj", Component::kFfn, 4096, 5, 4.5},
      {"mxfp4_moe", "up_proj", Component::kExperts, 4096, 5, 4.25},
      {"mxfp4_moe", "up_proj", Component::kFfn, 4096, 5, 8.5},
      // q4_k_m: q6_k for v and down in the first and last eighth, and in every third layer between
      {"q4_k_m", "down_proj", Component::kFfn, 4096, 0, 6.5625},
      {"q4_k_m", "down_proj", Component::kFfn, 4096, 3, 6.5625},
      {"q4_k_m", "down_proj", Component::kFfn, 4096, 4, 4.5},
      {"q4_k_m", "down_proj", Component::kFfn, 4096, 6, 6.5625},
      {"q4_k_m", "down_proj", Component::kFfn, 4096, 28, 6.5625},
      {"q4_k_m", "v_proj", Component::kAttention, 4096, 4, 4.5},
      {"q4_k_m", "v_proj", Component::kAttention, 4096, 31, 6.5625},
      {"q4_k_m", "k_proj", Component::kAttention, 4096, 31, 4.5},
      // Head and table
      {"q4_k_m", "lm_head", Component::kLmHead, 4096, 0, 6.5625},
      {"q4_k_m", "embed_tokens", Component::kEmbedding, 4096, 0, 4.5},
      {"iq2_m", "embed_tokens", Component::kEmbedding, 4096, 0, 3.4375},
      {"iq2_xxs", "lm_head", Component::kLmHead, 4096, 0, 5.5},
      // Rows that no block of 256 divides take a type of 32; that no block of 32 divides, fp16
      {"q4_k_m", "up_proj", Component::kFfn, 896, 5, 5.5},
      {"q6_k", "up_proj", Component::kFfn, 896, 5, 8.5},
      {"q3_k_s", "up_proj", Component::kFfn, 896, 5, 4.5},
      {"q4_k_m", "lm_head", Component::kLmHead, 896, 0, 8.5},
      {"q4_k_m", "up_proj", Component::kFfn, 100, 5, 16},
      {"q8_0", "up_proj", Component::kFfn, 100, 5, 16},
  };
  for (const Case& c : cases) {
    CAPTURE(c.file, c.tensor, c.in, c.layer);
    WeightTensor tensor;
    tensor.name = c.tensor;
    tensor.component = c.component;
    tensor.in = c.in;
    CHECK(gguf_format(c.file, tensor, c.layer, model).bits == c.bits);
  }
  // Where four heads share a KV head, values are worth more bits.
  WeightTensor values;
  values.name = "v_proj";
  values.component = Component::kAttention;
  values.in = 4096;
  CHECK(gguf_format("q2_k", values, 5, model).bits == 4.5);
  model.heads_per_kv_head = 1;
  CHECK(gguf_format("q2_k", values, 5, model).bits == 3.4375);
  // A tied table is what the head is.
  model.tied = true;
  WeightTensor table;
  table.name = "embed_tokens";
  table.component = Component::kEmbedding;
  table.in = 4096;
  CHECK(gguf_format("q4_k_m", table, 0, model).bits == 6.5625);
}
