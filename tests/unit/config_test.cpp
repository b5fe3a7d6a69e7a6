#include "model/config.h"

#include "catch.h"
#include "memory/memory_plan.h"
#include "model/weights.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

Error refusal(const std::string& config) {
  const Result<Architecture> read = read_config(Json::parse(config), "");
  REQUIRE_FALSE(read.ok());
  return read.error();
}

}  // namespace

TEST_CASE("Qwen2.5-32B has 32,763,876,352 parameters") {
  const ParameterCount count = count_parameters(architecture_of(kQwen25_32B));
  // 152064 · 5120
  CHECK(count.of(Component::kEmbedding) == 778'567'680);
  CHECK(count.of(Component::kLmHead) == 778'567'680);
  // 64 layers · (q 5120² + k,v 2 · 5120 · 8 · 128 + o 5120² + biases 5120 + 2 · 1024)
  CHECK(count.of(Component::kAttention) ==
        64.0 * (26'214'400 + 10'485'760 + 26'214'400 + 5'120 + 2'048));
  // 64 · 3 · 5120 · 27648
  CHECK(count.of(Component::kFfn) == 27'179'089'920);
  // 64 · 2 · 5120 + 5120
  CHECK(count.of(Component::kNorms) == 660'480);
  CHECK(count.total() == 32'763'876'352);
  CHECK(count.active() == count.total());
}

TEST_CASE(
    "DeepSeek-R1 has 671 B parameters of which a token uses 37.6 B, and caches 70,272 bytes") {
  const Architecture architecture = architecture_of(kDeepSeekR1);
  const ParameterCount count = count_parameters(architecture);
  // The published 671,026,419,200: three dense layers, 58 with 256 experts, without the MTP layer.
  CHECK(count.total() == 671'026'419'200);
  CHECK(count.active() == 37'552'297'472);
  // Experts: 58 · 256 · 3 · 7168 · 2048; shared: 58 · 3 · 7168 · 2048
  CHECK(count.of(Component::kExperts) == 58.0 * 256 * 3 * 7168 * 2048);
  CHECK(count.of(Component::kSharedExperts) == 58.0 * 3 * 7168 * 2048);
  // Router 58 · (7168 + 1 for the correction bias) · 256
  CHECK(count.of(Component::kRouter) == 58.0 * 7169 * 256);
  // 61 layers · (512 + 64) · 2 bytes
  CHECK(kv_bytes_per_token(architecture, DType::kBf16).all == 70'272);
  REQUIRE(architecture.layers.size() == 2);
  CHECK(architecture.layers[0].count == 3);
  CHECK(architecture.layers[1].count == 58);
  REQUIRE(architecture.notes.size() == 1);
  CHECK(architecture.notes[0].code == "mtp_not_counted");
}

TEST_CASE("Mixtral counts every expert once and two of eight as active") {
  const ParameterCount count = count_parameters(architecture_of(kMixtral));
  CHECK(count.total() == 46'702'792'704);
  CHECK(count.active() == 12'879'925'248);
}

TEST_CASE("a sliding window counts only where it limits") {
  const auto kv = [](const std::string& config) {
    return kv_bytes_per_token(architecture_of(config), DType::kBf16);
  };
  // 32 layers · 2 · 8 heads · 128 · 2 bytes = 131072, all of them below the window of 4096
  CHECK(kv(kMistral7Bv01).all == 131'072);
  CHECK(kv(kMistral7Bv01).growing == 0);
  // As long as the context: limits nothing (Ministral-8B).
  CHECK(kv(with(kMistral7Bv01, "sliding_window", "32768")).growing == 131'072);
  // Qwen states a window and switches it off.
  CHECK(kv(kQwen25_32B).growing == 262'144);
  // Switched on, the layers from max_window_layers on slide: 24 of 64 keep growing.
  const std::string on =
      with(with(with(kQwen25_32B, "use_sliding_window", "true"), "max_window_layers", "24"),
           "sliding_window", "4096");
  CHECK(kv(on).growing == 262'144.0 * 24 / 64);
}

TEST_CASE("layer_types decide over max_window_layers, and what a family does not have is refused") {
  const auto growing = [](const std::string& config) {
    return kv_bytes_per_token(architecture_of(config), DType::kBf16).growing;
  };
  const std::string windowed =
      with(with(kQwen25_32B, "num_hidden_layers", "4"), "sliding_window", "4096");
  const std::string half =
      with(windowed, "layer_types",
           R"(["full_attention", "sliding_attention", "full_attention", "sliding_attention"])");
  CHECK(growing(half) == growing(windowed) / 2);
  CHECK(refusal(with(windowed, "layer_types", R"(["full_attention"])")).path == "/layer_types");
  CHECK(refusal(with(windowed, "layer_types", R"(["mamba", "mamba", "mamba", "mamba"])")).code ==
        "out_of_range");
  CHECK(refusal(with(kMixtral, "layer_types", R"(["sliding_attention"])")).code == "out_of_range");
  // The window switched on without saying where it starts: transformers would take 28, we ask.
  CHECK(
      refusal(without(with(windowed, "use_sliding_window", "true"), "max_window_layers")).message ==
      "max_window_layers is missing");
}

TEST_CASE("Qwen3-MoE places experts by step and exceptions") {
  const std::string base = R"({"architectures": ["Qwen3MoeForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 6144, "moe_intermediate_size": 768, "num_hidden_layers": 48,
    "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128, "num_experts": 128,
    "num_experts_per_tok": 8, "decoder_sparse_step": 1, "mlp_only_layers": [], "vocab_size": 151936,
    "torch_dtype": "bfloat16"})";
  CHECK(count_parameters(architecture_of(base)).total() == 30'532'122'624);
  CHECK(count_parameters(architecture_of(base)).active() == 3'353'032'704);
  const auto moe_layers = [](const std::string& config) {
    return architecture_of(config).layers.back().count;
  };
  CHECK(moe_layers(with(base, "decoder_sparse_step", "2")) == 24);
  CHECK(moe_layers(with(base, "mlp_only_layers", "[0, 5, 5]")) == 46);
  CHECK(refusal(with(base, "mlp_only_layers", "[48]")).message ==
        "mlp_only_layers must be a list of layer numbers from 0 to 47");
  CHECK(refusal(with(base, "num_experts_per_tok", "129")).message ==
        "a token cannot go to 129 of 128 experts");
}

TEST_CASE("head_dim is derived only where it is absent") {
  // Mistral-Nemo: 32 heads of 128 on a hidden size of 5120 (which would give 160).
  const std::string nemo = with(with(kMistral7Bv01, "hidden_size", "5120"), "head_dim", "128");
  CHECK(std::get<GroupedAttention>(architecture_of(nemo).layers[0].layer.mixers[0]).head_dim ==
        128);
  CHECK(std::get<GroupedAttention>(architecture_of(kMistral7Bv01).layers[0].layer.mixers[0])
            .head_dim == 128);
}

TEST_CASE("absent num_key_value_heads means multi-head attention") {
  // In silence this would be the commonest error of estimators: a note says so.
  const std::string llama = with(kMistral7Bv01, "architectures", R"(["LlamaForCausalLM"])");
  const Architecture architecture = architecture_of(without(llama, "num_key_value_heads"));
  CHECK(attention_name(architecture) == "mha");
  CHECK(architecture.notes.at(0).code == "multi_head_assumed");
}

TEST_CASE("tied embeddings are stored once") {
  const double untied = count_parameters(architecture_of(kQwen25_32B)).total();
  const double tied =
      count_parameters(architecture_of(with(kQwen25_32B, "tie_word_embeddings", "true"))).total();
  CHECK(untied - tied == 152'064.0 * 5'120);
}

TEST_CASE("the article's config, without architectures, is routed by model_type") {
  const std::string config = with(without(kQwen25_32B, "architectures"), "model_type", "\"qwen2\"");
  CHECK(architecture_of(config).family == "qwen2");
}

TEST_CASE("what is not supported is refused by name, never computed as a dense model") {
  struct Case {
    const char* config;
    const char* code;
    const char* message;
  };
  const std::vector<Case> cases = {
      {R"({"architectures": ["BertModel"], "model_type": "bert"})", "not_a_decoder",
       "\"BertModel\" is not a decoder language model but a text encoder"},
      {R"({"architectures": ["WhisperForConditionalGeneration"]})", "not_a_decoder",
       "\"WhisperForConditionalGeneration\" is not a decoder language model but a speech "
       "recogniser"},
      {R"({"n_mels": 80, "n_vocab": 51865})", "not_a_decoder",
       "\"Whisper\" is not a decoder language model but a speech recogniser"},
      {R"({"_class_name": "UNet2DConditionModel"})", "not_a_decoder",
       "\"UNet2DConditionModel\" is not a decoder language model but a part of a diffusion "
       "pipeline"},
      {R"({"model_type": "clip_vision_model"})", "not_a_decoder",
       "\"clip_vision_model\" is not a decoder language model but an image and text encoder"},
      {R"({"hidden_size": 4096})", "missing_field",
       "The config names no model: architectures and model_type are missing"},
      {R"({"architectures": "LlamaForCausalLM"})", "wrong_type",
       "architectures must be a list of class names"},
      {R"({"architectures": [7]})", "wrong_type", "architectures must be a list of class names"},
      {R"([])", "wrong_type", "Expected an object, found a list"},
      {R"(null)", "wrong_type", "Expected an object, found null"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    const Error error = refusal(c.config);
    CHECK(error.code == c.code);
    CHECK(error.message == c.message);
    CHECK_FALSE(error.hint.empty());
  }
}

TEST_CASE("impossible sizes are refused with their place") {
  struct Case {
    const char* field;
    const char* value;
    const char* path;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"hidden_size", "-5120", "/hidden_size", "hidden_size is -5120; it must be from 1 to 262144"},
      {"hidden_size", "0", "/hidden_size", "hidden_size is 0; it must be from 1 to 262144"},
      {"hidden_size", "1000000000000", "/hidden_size",
       "hidden_size is 1000000000000; it must be from 1 to 262144"},
      {"hidden_size", "\"wide\"", "/hidden_size",
       "hidden_size must be a whole number, found \"wide\""},
      {"hidden_size", "5120.5", "/hidden_size", "hidden_size must be a whole number, found 5120.5"},
      {"hidden_size", "[5120]", "/hidden_size", "hidden_size must be a whole number, found a list"},
      {"hidden_size", "null", "/hidden_size", "hidden_size is missing"},
      {"num_hidden_layers", "0", "/num_hidden_layers",
       "num_hidden_layers is 0; it must be from 1 to 4096"},
      {"num_key_value_heads", "7", "/num_key_value_heads",
       "40 attention heads cannot share 7 KV heads evenly"},
      {"num_key_value_heads", "0", "/num_key_value_heads",
       "num_key_value_heads is 0; it must be from 1 to 16384"},
      {"num_attention_heads", "24", "/num_attention_heads",
       "hidden_size 5120 is not a multiple of 24 heads, and head_dim is not given"},
      {"vocab_size", "{}", "/vocab_size", "vocab_size must be a whole number, found an object"},
      {"tie_word_embeddings", "\"no\"", "/tie_word_embeddings",
       "tie_word_embeddings must be true or false, found \"no\""},
      {"torch_dtype", "\"bfloat17\"", "/torch_dtype", "torch_dtype is \"bfloat17\""},
      {"torch_dtype", "16", "/torch_dtype", "torch_dtype must be text, found 16"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.field, c.value);
    const Error error = refusal(with(kQwen25_32B, c.field, c.value));
    CHECK(error.path == c.path);
    CHECK(error.message == c.message);
    CHECK_FALSE(error.hint.empty());
  }
}

TEST_CASE("the largest sizes believed do not add up to a model") {
  const std::string huge = R"({"architectures": ["DeepseekV3ForCausalLM"], "hidden_size": 262144,
    "moe_intermediate_size": 4194304, "num_hidden_layers": 4096, "num_attention_heads": 16384,
    "kv_lora_rank": 262144, "qk_nope_head_dim": 16384, "qk_rope_head_dim": 16384, "v_head_dim": 16384,
    "n_routed_experts": 65536, "num_experts_per_tok": 65536, "n_shared_experts": 0, "first_k_dense_replace": 0, "vocab_size": 16777216})";
  CHECK(refusal(huge).code == "inconsistent_config");
}
