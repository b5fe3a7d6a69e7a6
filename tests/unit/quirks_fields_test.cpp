// Rules of config.json in the wild, sections 2 and 3 of the reference notes: what families call
// their sizes, and how many K and V a token leaves behind.
#include "catch.h"
#include "memory/memory_plan.h"
#include "model/config.h"
#include "model/weights.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

/// A decoder small enough to count by hand: tables of 100 · 64, 2 layers of 4 heads and 2 KV heads
/// of 16.
const std::string kSmall = R"({"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
  "num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 100,
  "max_position_embeddings": 512, "torch_dtype": "bfloat16"})";

std::string small(const std::string& name, const std::string& more = "{}") {
  Json json = Json::parse(with(kSmall, "architectures", R"([")" + name + R"("])"));
  json.update(Json::parse(more));
  return json.dump();
}

double parameters(const Architecture& architecture) {
  return count_parameters(architecture).total();
}

template <class Kind>
const Kind* first_mixer(const Architecture& architecture) {
  for (const LayerGroup& group : architecture.layers) {
    for (const Mixer& mixer : group.layer.mixers) {
      if (const auto* found = std::get_if<Kind>(&mixer)) return found;
    }
  }
  return nullptr;
}

template <class Kind>
const Kind* first_ffn(const Architecture& architecture) {
  for (const LayerGroup& group : architecture.layers) {
    for (const Ffn& ffn : group.layer.ffns) {
      if (const auto* found = std::get_if<Kind>(&ffn)) return found;
    }
  }
  return nullptr;
}

KvPerToken kv_of(const std::string& config) {
  return kv_bytes_per_token(architecture_of(config), DType::kBf16);
}

const std::string kMla = R"("q_lora_rank": 16, "kv_lora_rank": 16, "qk_nope_head_dim": 8,
  "qk_rope_head_dim": 8, "v_head_dim": 8)";

}  // namespace

TEST_CASE("quirks 2: hidden size, layers, heads, FFN, vocabulary and context under each name") {
  struct Case {
    const char* config;
    std::int64_t heads, kv_heads, head_dim, intermediate;
  };
  // All of them are 64 wide, 2 layers, 100 words, 512 tokens.
  const std::vector<Case> cases = {
      {R"({"architectures": ["GPT2LMHeadModel"], "n_embd": 64, "n_layer": 2, "n_head": 4,
           "n_positions": 512, "n_ctx": 512, "vocab_size": 100})",
       4, 4, 16, 256},
      {R"({"architectures": ["GPT2LMHeadModel"], "n_embd": 64, "n_layer": 2, "n_head": 4,
           "n_positions": 512, "n_inner": 96, "vocab_size": 100})",
       4, 4, 16, 96},
      {R"({"architectures": ["GPTJForCausalLM"], "n_embd": 64, "n_layer": 2, "n_head": 4,
           "n_positions": 512, "vocab_size": 100})",
       4, 4, 16, 256},
      {R"({"architectures": ["GPTBigCodeForCausalLM"], "n_embd": 64, "n_layer": 2, "n_head": 4,
           "n_positions": 512, "vocab_size": 100})",
       4, 1, 16, 256},
      {R"({"architectures": ["MixFormerSequentialForCausalLM"], "n_embd": 64, "n_layer": 2, "n_head": 4,
           "n_positions": 512, "vocab_size": 100})",
       4, 4, 16, 256},
      {R"({"architectures": ["BloomForCausalLM"], "n_embed": 64, "n_layer": 2, "n_head": 4,
           "seq_length": 512, "vocab_size": 100})",
       4, 4, 16, 256},
      {R"({"architectures": ["MPTForCausalLM"], "d_model": 64, "n_layers": 2, "n_heads": 4,
           "max_seq_len": 512, "expansion_ratio": 3, "vocab_size": 100})",
       4, 4, 16, 192},
      {R"({"architectures": ["FalconForCausalLM"], "model_type": "RefinedWeb", "hidden_size": 64,
           "n_layer": 2, "n_head": 4, "n_head_kv": 2, "max_position_embeddings": 512, "vocab_size": 100})",
       4, 2, 16, 256},
      {R"({"architectures": ["OPTForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
           "num_attention_heads": 4, "ffn_dim": 96, "max_position_embeddings": 512, "vocab_size": 100})",
       4, 4, 16, 96},
      {R"({"architectures": ["GPTNeoForCausalLM"], "hidden_size": 64, "num_layers": 2, "num_heads": 4,
           "max_position_embeddings": 512, "vocab_size": 100})",
       4, 4, 16, 256},
      {R"({"architectures": ["ExaoneForCausalLM"], "hidden_size": 64, "num_layers": 2,
           "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 96,
           "max_position_embeddings": 512, "vocab_size": 100})",
       4, 2, 16, 96},
      {R"({"architectures": ["ChatGLMModel"], "hidden_size": 64, "num_layers": 2, "num_attention_heads": 4,
           "inner_hidden_size": 96, "max_sequence_length": 512, "vocab_size": 100})",
       4, 4, 16, 96},
      {R"({"architectures": ["ChatGLMModel"], "hidden_size": 64, "num_layers": 2, "num_attention_heads": 4,
           "ffn_hidden_size": 96, "kv_channels": 32, "multi_query_attention": true,
           "multi_query_group_num": 2, "seq_length": 512, "padded_vocab_size": 100, "vocab_size": 90})",
       4, 2, 32, 96},
      {R"({"architectures": ["QWenLMHeadModel"], "hidden_size": 64, "num_hidden_layers": 2,
           "num_attention_heads": 4, "kv_channels": 16, "intermediate_size": 192, "seq_length": 512,
           "vocab_size": 100})",
       4, 4, 16, 96},
      {R"({"architectures": ["Phi3SmallForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
           "num_attention_heads": 4, "num_key_value_heads": 2, "ff_intermediate_size": 96,
           "max_position_embeddings": 512, "vocab_size": 100})",
       4, 2, 16, 96},
      {R"({"architectures": ["Lfm2ForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
           "num_attention_heads": 4, "num_key_value_heads": 2, "block_ff_dim": 96,
           "max_position_embeddings": 512, "vocab_size": 100})",
       4, 2, 16, 96},
      {R"({"architectures": ["TeleChat2ForCausalLM"], "hidden_size": 64, "n_layer": 2, "n_head": 4,
           "num_key_value_heads": 2, "ffn_hidden_size": 96, "seq_length": 512, "vocab_size": 100})",
       4, 2, 16, 96},
      {R"({"architectures": ["BaichuanForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
           "num_attention_heads": 4, "intermediate_size": 96, "model_max_length": 512, "vocab_size": 100})",
       4, 4, 16, 96},
      {R"({"dim": 64, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2, "head_dim": 16, "hidden_dim": 96,
           "max_seq_len": 512, "vocab_size": 100})",
       4, 2, 16, 96},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    const Architecture architecture = architecture_of(c.config);
    CHECK(architecture.hidden == 64);
    CHECK(architecture.layer_count() == 2);
    CHECK(architecture.vocabulary == 100);
    CHECK(architecture.max_context == 512);
    const auto* attention = first_mixer<GroupedAttention>(architecture);
    REQUIRE(attention != nullptr);
    CHECK(attention->heads == c.heads);
    CHECK(attention->kv_heads == c.kv_heads);
    CHECK(attention->head_dim == c.head_dim);
    const auto* ffn = first_ffn<DenseFfn>(architecture);
    REQUIRE(ffn != nullptr);
    CHECK(ffn->intermediate == c.intermediate);
  }
}

TEST_CASE("quirks 2: context under each name") {
  for (const char* name : {"max_position_embeddings", "n_positions", "seq_length", "max_seq_len",
                           "max_sequence_length", "max_context_length", "model_max_length"}) {
    CAPTURE(name);
    const std::string config = without(small("LlamaForCausalLM"), "max_position_embeddings");
    CHECK(architecture_of(with(config, name, "2048")).max_context == 2048);
    CHECK(architecture_of(config).max_context == 0);
  }
}

TEST_CASE("quirks 2: sizes in sections and lists of their own") {
  // DBRX: 2 · 6400 + 2 · (12,288 + 4 · 3 · 64 · 32 + 4 · 64 + 2 · 64) + 64
  const Architecture dbrx = architecture_of(R"({"architectures": ["DbrxForCausalLM"], "d_model": 64,
    "n_layers": 2, "n_heads": 4, "max_seq_len": 512, "vocab_size": 100,
    "attn_config": {"kv_n_heads": 2, "clip_qkv": 8},
    "ffn_config": {"ffn_hidden_size": 32, "moe_num_experts": 4, "moe_top_k": 2}})");
  CHECK(parameters(dbrx) == 12'800 + 2 * (12'288 + 24'576 + 256 + 128) + 64);
  // OpenELM-270M: heads and widths of each layer. FFN widths 0.5 to 4 times 1280, to the nearest
  // 256: 768 1024 1280 1536 1792 2048 2560 2816 3072 3328 3584 3840 4352 4608 4864 5120 = 46,592 q,
  // k, v, o of 64 · (2 · heads + 2 · KV heads): 5 layers of 12 and 3, 7 of 16 and 4, 4 of 20 and 5
  const Architecture openelm = architecture_of(R"({"architectures": ["OpenELMForCausalLM"],
    "model_dim": 1280, "num_transformer_layers": 16, "head_dim": 64, "max_context_length": 2048,
    "num_query_heads": [12, 12, 12, 12, 12, 16, 16, 16, 16, 16, 16, 16, 20, 20, 20, 20],
    "num_kv_heads": [3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5],
    "ffn_multipliers": [0.5, 0.73, 0.97, 1.2, 1.43, 1.67, 1.9, 2.13, 2.37, 2.6, 2.83, 3.07, 3.3, 3.53, 3.77, 4.0],
    "ffn_dim_divisor": 256, "ffn_with_glu": true, "normalize_qk_projections": true,
    "share_input_output_layers": true, "vocab_size": 32000})");
  CHECK(parameters(openelm) == 1280.0 * 64 * (5 * 30 + 7 * 40 + 4 * 50) + 3.0 * 1280 * 46'592 +
                                   16 * (2 * 64 + 2 * 1280) + 32'000.0 * 1280 + 1280);
  CHECK(parameters(openelm) == 271'527'168);
  // 2 · 64 · 2 bytes for each KV head: 5 · 3 + 7 · 4 + 4 · 5
  CHECK(kv_bytes_per_token(openelm, DType::kBf16).all == 256 * 63);
}

TEST_CASE("quirks 2: the number of layers may only be the length of a list") {
  // Nemotron-3-Ultra: a letter for each of 108 layers, and no num_hidden_layers.
  const std::string letters =
      "MEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEM*EMEMEM*EMEMEMEM*EMEMEMEM*EMEMEM*"
      "EMEMEMEM*EMEMEMEME";
  Json names = Json::array();
  for (const char letter : letters) {
    names.push_back(letter == 'M' ? "mamba" : letter == 'E' ? "moe" : "attention");
  }
  const std::string ultra = R"({"architectures": ["NemotronHForCausalLM"], "hidden_size": 8192,
    "vocab_size": 131072, "num_attention_heads": 64, "num_key_value_heads": 2, "head_dim": 128,
    "mamba_num_heads": 256, "mamba_head_dim": 64, "ssm_state_size": 128, "n_groups": 8,
    "conv_kernel": 4, "n_routed_experts": 512, "num_experts_per_tok": 22, "n_shared_experts": 1,
    "moe_intermediate_size": 5120, "moe_latent_size": 2048,
    "moe_shared_expert_intermediate_size": 10240, "intermediate_size": 5120,
    "tie_word_embeddings": false, "torch_dtype": "bfloat16"})";
  // Mamba 2: inner 256 · 64 = 16384, convolution over 16384 + 2 · 8 · 128 = 18432
  const double mamba =
      8192.0 * (16'384 + 18'432 + 256) + 18'432 * 5 + 3 * 256 + 16'384 + 16'384.0 * 8192;
  const double attention = 2.0 * 8192 * 8192 + 2.0 * 8192 * 256;
  // Experts of two matrices between latent vectors of 2048; the shared one acts on the hidden
  // state.
  const double experts =
      512.0 * 8193 + 512.0 * 2 * 2048 * 5120 + 2.0 * 8192 * 2048 + 2.0 * 8192 * 10'240;
  const double total =
      48 * mamba + 12 * attention + 48 * experts + 108 * 8192 + 2.0 * 131'072 * 8192 + 8192;
  const Architecture listed = architecture_of(with(ultra, "layers_block_type", names.dump()));
  CHECK(listed.layer_count() == 108);
  CHECK(parameters(listed) == total);
  CHECK(total == 549'308'993'536);
  const Architecture spelled =
      architecture_of(with(ultra, "hybrid_override_pattern", "\"" + letters + "\""));
  CHECK(parameters(spelled) == total);
  // 12 layers · 2 · 2 · 128 · 2 bytes
  CHECK(kv_bytes_per_token(listed, DType::kBf16).all == 12'288);

  const std::string next =
      without(small("Qwen3NextForCausalLM", R"({"num_experts": 4, "num_experts_per_tok": 2,
        "moe_intermediate_size": 32,
        "layer_types": ["linear_attention", "linear_attention", "full_attention"]})"),
              "num_hidden_layers");
  CHECK(architecture_of(next).layer_count() == 3);
}

TEST_CASE("quirks 2: kv_channels and attention_head_dim of zamba2 are not its head_dim") {
  // Attention reads the hidden state beside the first embedding: 2 · 64 wide, 4 heads of 32.
  const Architecture zamba = architecture_of(small("Zamba2ForCausalLM", R"({"kv_channels": 16,
    "attention_head_dim": 24, "mamba_d_state": 8, "n_mamba_heads": 8, "num_mem_blocks": 1,
    "layers_block_type": ["mamba", "hybrid"]})"));
  const auto* attention = first_mixer<GroupedAttention>(zamba);
  REQUIRE(attention != nullptr);
  CHECK(attention->head_dim == 32);
  CHECK(attention->input == 128);
}

TEST_CASE("quirks 2: padded_vocab_size and embedding_size win over vocab_size") {
  CHECK(architecture_of(R"({"architectures": ["ChatGLMModel"], "hidden_size": 64, "num_layers": 2,
    "num_attention_heads": 4, "ffn_hidden_size": 96, "padded_vocab_size": 104, "vocab_size": 100})")
            .vocabulary == 104);
  // Molmo stores 128 rows more for images, which the head does not have: 2 · 104 · 64 + 128 · 64;
  // 2 · (12,288 + 3 · 64 · 64 + 128) + 64
  const Architecture molmo =
      architecture_of(small("MolmoForCausalLM", R"({"embedding_size": 104})"));
  CHECK(molmo.vocabulary == 104);
  CHECK(parameters(molmo) == 2 * 6'656 + 8'192 + 2 * (12'288 + 12'288 + 128) + 64);
}

TEST_CASE("quirks 2: experts, experts per token, their width and shared ones under each name") {
  struct Case {
    const char* name;
    std::string more;
    std::int64_t experts, top_k, intermediate, shared;
  };
  const std::string linear = R"("linear_attn_config": {"kda_layers": [1], "full_attn_layers": [2],
    "head_dim": 8, "num_heads": 4, "short_conv_kernel_size": 4})";
  const std::vector<Case> cases = {
      // The width of an expert is intermediate_size itself.
      {"MixtralForCausalLM", R"({"num_local_experts": 8, "num_experts_per_tok": 2})", 8, 2, 128, 0},
      {"GptOssForCausalLM", R"({"num_local_experts": 8, "experts_per_token": 4})", 8, 4, 128, 0},
      {"GraniteMoeForCausalLM", R"({"num_local_experts": 8, "num_experts_per_tok": 2})", 8, 2, 128,
       0},
      {"MiniMaxM2ForCausalLM", R"({"num_local_experts": 8, "num_experts_per_tok": 2})", 8, 2, 128,
       0},
      {"PhiMoEForCausalLM", R"({"num_local_experts": 8, "num_experts_per_tok": 2})", 8, 2, 128, 0},
      {"OlmoeForCausalLM", R"({"num_experts": 8, "num_experts_per_tok": 2})", 8, 2, 128, 0},
      {"JambaForCausalLM", R"({"num_experts": 8, "num_experts_per_tok": 2})", 8, 2, 128, 0},
      {"MiniMaxText01ForCausalLM", R"({"num_local_experts": 8, "num_experts_per_tok": 2,
        "attn_type_list": [0, 1], "shared_intermediate_size": 0})",
       8, 2, 128, 0},
      {"Llama4ForCausalLM", R"({"num_local_experts": 8, "num_experts_per_tok": 1})", 8, 1, 128,
       128},
      // Shared experts as wide as stated, or as many as stated of the routed ones' width.
      {"GraniteMoeSharedForCausalLM", R"({"num_local_experts": 8, "num_experts_per_tok": 2,
        "shared_intermediate_size": 48})",
       8, 2, 128, 48},
      {"Qwen2MoeForCausalLM",
       R"({"num_experts": 8, "num_experts_per_tok": 4, "moe_intermediate_size": 32,
        "shared_expert_intermediate_size": 48})",
       8, 4, 32, 48},
      {"Qwen3NextForCausalLM",
       R"({"num_experts": 8, "num_experts_per_tok": 4, "moe_intermediate_size": 32,
        "shared_expert_intermediate_size": 48})",
       8, 4, 32, 48},
      {"Step3TextForCausalLM",
       R"({"moe_num_experts": 8, "moe_top_k": 3, "moe_intermediate_size": 32,
        "share_expert_dim": 24, "head_dim": 16, "share_q_dim": 32})",
       8, 3, 32, 24},
      {"NemotronHForCausalLM",
       R"({"hybrid_override_pattern": "*E", "n_routed_experts": 8, "num_experts_per_tok": 2,
        "moe_intermediate_size": 32, "n_shared_experts": 1, "moe_shared_expert_intermediate_size": 24})",
       8, 2, 32, 24},
      {"KimiLinearForCausalLM",
       "{" + kMla + ", " + linear + R"(, "num_experts": 8, "num_experts_per_token": 3,
        "num_shared_experts": 1, "moe_intermediate_size": 32})",
       8, 3, 32, 32},
      {"BailingMoeForCausalLM",
       R"({"num_experts": 8, "num_experts_per_tok": 2, "num_shared_experts": 2,
        "moe_intermediate_size": 32})",
       8, 2, 32, 64},
      {"DeepseekV3ForCausalLM", "{" + kMla + R"(, "n_routed_experts": 8, "num_experts_per_tok": 2,
        "n_shared_experts": 2, "moe_intermediate_size": 32, "first_k_dense_replace": 1})",
       8, 2, 32, 64},
      {"Glm4MoeForCausalLM",
       R"({"n_routed_experts": 8, "num_experts_per_tok": 2, "n_shared_experts": 1,
        "moe_intermediate_size": 32})",
       8, 2, 32, 32},
      {"MiMoV2FlashForCausalLM",
       R"({"n_routed_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
        "moe_layer_freq": [0, 1], "hybrid_layer_pattern": [0, 1]})",
       8, 2, 32, 0},
      {"LongcatFlashForCausalLM",
       "{" + kMla + R"(, "num_layers": 2, "n_routed_experts": 8, "moe_topk": 3,
        "expert_ffn_hidden_size": 32, "ffn_hidden_size": 96})",
       8, 3, 32, 0},
      {"Ernie4_5_MoeForCausalLM", R"({"moe_num_experts": 8, "moe_k": 3, "moe_num_shared_experts": 2,
        "moe_intermediate_size": 32})",
       8, 3, 32, 64},
      {"HunYuanMoEV1ForCausalLM",
       R"({"num_experts": 8, "moe_topk": [3, 3], "num_shared_expert": [1, 1],
        "moe_intermediate_size": [32, 32]})",
       8, 3, 32, 128},
      {"Gemma4ForCausalLM", R"({"enable_moe_block": true, "num_experts": 8, "top_k_experts": 3,
        "moe_intermediate_size": 32})",
       8, 3, 32, 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Architecture architecture = architecture_of(small(c.name, c.more));
    const auto* moe = first_ffn<MoeFfn>(architecture);
    REQUIRE(moe != nullptr);
    CHECK(moe->experts == c.experts);
    CHECK(moe->top_k == c.top_k);
    CHECK(moe->intermediate == c.intermediate);
    CHECK(moe->shared_intermediate == c.shared);
  }
}

TEST_CASE("quirks 2: dtype under each name, and what is taken without one") {
  struct Case {
    const char* field;
    const char* value;
    DType dtype;
    const char* note;
  };
  const std::vector<Case> cases = {
      {"torch_dtype", R"("float16")", DType::kFp16, ""},
      {"dtype", R"("bfloat16")", DType::kBf16, ""},
      {"fp16", "true", DType::kFp16, ""},  // Qwen 1
      {"bf16", "true", DType::kBf16, ""},
      {"torch_dtype", R"("float32")", DType::kBf16, "float32_served_as_bf16"},  // SmolLM-1.7B
      {"torch_dtype", R"("float8_e4m3fn")", DType::kBf16, "dtype_assumed"},
      {"torch_dtype", "null", DType::kBf16, "dtype_assumed"},  // 23 files
  };
  for (const Case& c : cases) {
    CAPTURE(c.field, c.value);
    const Architecture architecture =
        architecture_of(with(without(small("LlamaForCausalLM"), "torch_dtype"), c.field, c.value));
    CHECK(architecture.dtype == c.dtype);
    REQUIRE(architecture.notes.size() == (*c.note == '\0' ? 0 : 1));
    if (*c.note != '\0') CHECK(architecture.notes[0].code == c.note);
  }
}

TEST_CASE("quirks 2: what is one number elsewhere may be a list of one for each layer") {
  // Hunyuan: 2 layers of their own. Attention 12,288 with norms of q and k of 16 each, 2 norms of
  // 64; layer 0: 4 experts of 3 · 64 · 32, one shared of 3 · 64 · 128, router 64 · 4 layer 1: 8
  // experts of 3 · 64 · 16, two shared, router 64 · 8
  const Architecture hunyuan =
      architecture_of(small("HunYuanMoEV1ForCausalLM", R"({"num_experts": [4, 8],
    "moe_topk": [2, 3], "num_shared_expert": [1, 2], "moe_intermediate_size": [32, 16]})"));
  const double attention = 12'288 + 2 * 16 + 2 * 64;
  CHECK(parameters(hunyuan) == 12'800 + 64 + attention + 4 * 6'144 + 24'576 + 256 + attention +
                                   8 * 3'072 + 2 * 24'576 + 512);
  // Of 4 experts 2 are not used, of 8 five.
  CHECK(count_parameters(hunyuan).active() == parameters(hunyuan) - 2 * 6'144 - 5 * 3'072);

  // Gemma 3n: FFNs of 128 and 96.
  const std::string gemma =
      small("Gemma3nForCausalLM", R"({"head_dim": 16, "num_kv_shared_layers": 0,
    "laurel_rank": 4, "altup_num_inputs": 2, "hidden_size_per_layer_input": 8,
    "vocab_size_per_layer_input": 50, "sliding_window": 64})");
  CHECK(parameters(architecture_of(gemma)) -
            parameters(architecture_of(with(gemma, "intermediate_size", "[128, 96]"))) ==
        3 * 64 * 32);
  // ERNIE-VL: a number for text and one for images. Image experts are stored, and text sees none.
  const std::string ernie =
      small("Ernie4_5_VLMoeForConditionalGeneration", R"({"moe_num_experts": [4, 4],
    "moe_k": 2, "moe_num_shared_experts": 1, "moe_intermediate_size": [32, 16],
    "moe_layer_start_index": [1, 1], "moe_layer_end_index": [1, 1]})");
  const ParameterCount count = count_parameters(architecture_of(ernie));
  CHECK(count.of(Component::kExperts) == 4 * 6'144 + 4 * 3'072);
  CHECK(count.active_experts == 2 * 6'144);
  // Two gates with a correction bias each: 2 · (64 + 1) · 4
  CHECK(count.of(Component::kRouter) == 2 * 65 * 4);
}

TEST_CASE("quirks 3: without KV heads each head keeps its own, which is said") {
  const Architecture llama =
      architecture_of(without(small("LlamaForCausalLM"), "num_key_value_heads"));
  CHECK(attention_name(llama) == "mha");
  CHECK(kv_bytes_per_token(llama, DType::kBf16).all == 2 * 2 * 4 * 16 * 2);
  REQUIRE(llama.notes.size() == 1);
  CHECK(llama.notes[0].code == "multi_head_assumed");
  // What is multi-head by construction needs no note.
  const std::string gpt2 =
      R"({"architectures": ["GPT2LMHeadModel"], "n_embd": 64, "n_layer": 2, "n_head": 4,
    "n_positions": 512, "vocab_size": 100, "torch_dtype": "bfloat16"})";
  CHECK(architecture_of(gpt2).notes.empty());
}

TEST_CASE("quirks 3: multi_query is one KV head, whether or not a key says so") {
  const std::string bigcode =
      R"({"architectures": ["GPTBigCodeForCausalLM"], "n_embd": 64, "n_layer": 2,
    "n_head": 4, "n_positions": 512, "vocab_size": 100, "torch_dtype": "bfloat16"})";
  const std::string refined =
      R"({"model_type": "RefinedWebModel", "hidden_size": 64, "n_layer": 2, "n_head": 4,
    "vocab_size": 100, "torch_dtype": "bfloat16"})";
  struct Case {
    std::string config;
    std::int64_t kv_heads;
  };
  const std::vector<Case> cases = {
      {bigcode, 1},
      {with(bigcode, "multi_query", "true"), 1},
      {with(bigcode, "multi_query", "false"), 4},
      {refined, 1},
      {with(refined, "multi_query", "true"), 1},
      {with(refined, "multi_query", "false"), 4},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    CHECK(first_mixer<GroupedAttention>(architecture_of(c.config))->kv_heads == c.kv_heads);
  }
  // StarCoder: 40 · (2 · 6144² + 2 · 6144 · 128 + 2 · 6144 · 24576 and biases 2 · 6144 + 256 +
  // 24576 + 6144, 4 · 6144) + 49152 · 6144 + 8192 · 6144 + 2 · 6144
  const Architecture starcoder = architecture_of(R"({"architectures": ["GPTBigCodeForCausalLM"],
    "n_embd": 6144, "n_layer": 40, "n_head": 48, "n_inner": 24576, "n_positions": 8192,
    "multi_query": true, "vocab_size": 49152, "torch_dtype": "bfloat16"})");
  CHECK(parameters(starcoder) == 15'517'456'384);
  // 40 layers · 2 · 128 · 2 bytes
  CHECK(kv_bytes_per_token(starcoder, DType::kBf16).all == 20'480);
}

TEST_CASE("quirks 3: models without attention cache no token, but a state for each sequence") {
  struct Case {
    const char* config;
    double state;
  };
  const std::vector<Case> cases = {
      // Inner 128: convolution 128 · 3, state 128 · 4, both bf16, 2 layers
      {R"({"architectures": ["MambaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2, "state_size": 4,
           "vocab_size": 100, "torch_dtype": "bfloat16"})",
       2 * (384 + 512) * 2},
      {R"({"architectures": ["FalconMambaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2, "state_size": 4,
           "vocab_size": 100, "torch_dtype": "bfloat16"})",
       2 * (384 + 512) * 2},
      // Convolution over 128 + 2 · 4 = 136 channels
      {R"({"architectures": ["Mamba2ForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2, "num_heads": 8,
           "head_dim": 16, "n_groups": 1, "state_size": 4, "vocab_size": 100, "torch_dtype": "bfloat16"})",
       2 * (136 * 3 + 512) * 2},
      // RWKV 6: the token before twice in bf16, a state of 64 · 64 in fp32
      {R"({"architectures": ["Rwkv6ForCausalLM"], "model_type": "rwkv6", "hidden_size": 64, "num_hidden_layers": 2,
           "vocab_size": 100, "torch_dtype": "bfloat16"})",
       2 * (128 * 2 + 4096 * 4)},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    const Architecture architecture = architecture_of(c.config);
    CHECK(kv_bytes_per_token(architecture, DType::kBf16).all == 0);
    CHECK(state_bytes_per_sequence(architecture) == c.state);
  }
}

TEST_CASE("quirks 3: falcon's multi_query rules over num_kv_heads") {
  const std::string falcon7b = R"({"architectures": ["FalconForCausalLM"], "model_type": "falcon",
    "hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71, "num_kv_heads": 71,
    "multi_query": true, "parallel_attn": true, "new_decoder_architecture": false, "bias": false,
    "vocab_size": 65024, "torch_dtype": "bfloat16"})";
  // One KV head of 64; 65024 · 4544 + 32 · (2 · 4544² + 4544 · 128 + 8 · 4544² + 2 · 4544) + 2 ·
  // 4544
  CHECK(parameters(architecture_of(falcon7b)) == 6'921'720'704);
  CHECK(kv_of(falcon7b).all == 32 * 2 * 64 * 2);
  CHECK(parameters(architecture_of(with(falcon7b, "num_kv_heads", "1"))) == 6'921'720'704);
  // The second generation has groups, and a LayerNorm for attention and one for the FFN.
  const std::string falcon180b = R"({"architectures": ["FalconForCausalLM"], "model_type": "falcon",
    "hidden_size": 14848, "num_hidden_layers": 80, "num_attention_heads": 232, "num_kv_heads": 8,
    "multi_query": true, "new_decoder_architecture": true, "bias": false, "vocab_size": 65024,
    "torch_dtype": "bfloat16"})";
  // 65024 · 14848 + 80 · (10 · 14848² + 2 · 14848 · 512 + 4 · 14848) + 2 · 14848
  CHECK(parameters(architecture_of(falcon180b)) == 178'557'088'768);
  CHECK(kv_of(falcon180b).all == 80 * 2 * 8 * 64 * 2);
  // Falcon-40B's first config has neither key: its model_type says it.
  const std::string falcon40b = R"({"architectures": ["RWForCausalLM"], "model_type": "RefinedWeb",
    "hidden_size": 8192, "n_layer": 60, "n_head": 128, "n_head_kv": 8, "bias": false, "vocab_size": 65024,
    "torch_dtype": "bfloat16"})";
  // 65024 · 8192 + 60 · (10 · 8192² + 2 · 8192 · 512 + 4 · 8192) + 2 · 8192
  CHECK(parameters(architecture_of(falcon40b)) == 41'303'293'952);
  CHECK(kv_of(falcon40b).all == 60 * 2 * 8 * 64 * 2);
  // falcon-rw-1b: every head its own, biases, one after the other:
  // 50304 · 2048 + 24 · (12 · 2048² + 9 · 2048 + 4 · 2048) + 2 · 2048
  const std::string rw =
      R"({"architectures": ["FalconForCausalLM"], "hidden_size": 2048, "num_hidden_layers": 24,
    "num_attention_heads": 32, "multi_query": false, "parallel_attn": false, "bias": true, "vocab_size": 50304,
    "torch_dtype": "bfloat16"})";
  CHECK(parameters(architecture_of(rw)) == 1'311'625'216);
}

TEST_CASE("quirks 3: a stated head_dim is not derived, an absent one is") {
  // 4 heads of 32 on a width of 64: q and o 64 · 128, k and v 64 · 64
  const std::string stated = small("MistralForCausalLM", R"({"head_dim": 32})");
  CHECK(parameters(architecture_of(stated)) ==
        12'800 + 64 + 2 * (2 * 64 * 128 + 2 * 64 * 64 + 24'576 + 128));
  CHECK(kv_of(stated).all == 2 * 2 * 2 * 32 * 2);
  CHECK(kv_of(small("MistralForCausalLM")).all == 2 * 2 * 2 * 16 * 2);
}

TEST_CASE("quirks 3: head_dim and KV heads of an MLA model are decoys") {
  // 61 layers · (512 + 64) · 2 bytes, whatever is stated beside
  for (const char* decoy : {"64", "72", "192"}) {
    const std::string config =
        with(with(kDeepSeekR1, "head_dim", decoy), "num_key_value_heads", "64");
    CHECK(kv_of(config).all == 70'272);
    CHECK(parameters(architecture_of(config)) == 671'026'419'200);
  }
  // GLM-5 (head_dim 64): 78 layers of 576, and a key of 128 in fp8 with a scale of 4 bytes for the
  // indexer
  const std::string glm5 = R"({"architectures": ["GlmMoeDsaForCausalLM"], "hidden_size": 6144,
    "intermediate_size": 12288, "moe_intermediate_size": 2048, "num_hidden_layers": 78,
    "num_attention_heads": 64, "num_key_value_heads": 64, "head_dim": 64, "q_lora_rank": 2048,
    "kv_lora_rank": 512, "qk_nope_head_dim": 192, "qk_rope_head_dim": 64, "v_head_dim": 256,
    "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
    "first_k_dense_replace": 3, "index_n_heads": 32, "index_head_dim": 128, "index_topk": 2048,
    "num_nextn_predict_layers": 1, "vocab_size": 154880, "torch_dtype": "bfloat16"})";
  const Architecture glm = architecture_of(glm5);
  CHECK(kv_of(glm5).all == 78 * 576 * 2);
  CHECK(kv_of(glm5).indexer == 78 * 132);
  // MLA: q_a 6144 · 2048 + 2048, q_b 2048 · 64 · 256, kv_a 6144 · 576 + 512, kv_b 512 · 64 · 448,
  // o 64 · 256 · 6144; indexer 2048 · 32 · 128 + 6144 · 128 + 2 · 128 + 6144 · 32
  const double attention = 6144.0 * 2048 + 2048 + 2048.0 * 16'384 + 6144.0 * 576 + 512 +
                           512.0 * 28'672 + 16'384.0 * 6144 + 2048.0 * 4096 + 6144.0 * 128 + 256 +
                           6144.0 * 32;
  const double moe = 257 * 3.0 * 6144 * 2048 + 6145.0 * 256;
  const double total = 78 * (attention + 2 * 6144) + 3 * 3.0 * 6144 * 12'288 + 75 * moe +
                       2.0 * 154'880 * 6144 + 6144;
  CHECK(parameters(glm) == total);
  CHECK(total == 743'911'218'432);
  // With the MTP layer it is what the hub counts: a layer, 2 · 6144² + 3 · 6144
  CHECK(count_mtp_parameters(glm) == attention + 2 * 6144 + moe + 2.0 * 6144 * 6144 + 3 * 6144);
  CHECK(total + count_mtp_parameters(glm) == 753'864'139'008);
  // use_mla false: multi-head, whatever ranks are stated
  const std::string tiny = small("DeepseekV2ForCausalLM", R"({"use_mla": false, "kv_lora_rank": 512,
    "num_key_value_heads": 4})");
  CHECK(attention_name(architecture_of(tiny)) == "mha");
  CHECK(kv_of(tiny).all == 2 * 2 * 4 * 16 * 2);
}

TEST_CASE("quirks 3: some layers of GLM-5.2 use the indexer of one before") {
  const std::string base = small("GlmMoeDsaForCausalLM", "{" + kMla + R"(, "num_hidden_layers": 8,
    "n_routed_experts": 4, "n_shared_experts": 1, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
    "index_n_heads": 2, "index_head_dim": 128, "index_topk": 64})");
  CHECK(kv_of(base).indexer == 8 * 132);
  // From the second layer on every fourth: 0, 1, 5
  CHECK(kv_of(with(base, "index_topk_freq", "4")).indexer == 3 * 132);
  CHECK(kv_of(with(base, "index_topk_pattern", R"("FSSFSSFS")")).indexer == 3 * 132);
  CHECK(
      kv_of(with(base, "indexer_types",
                 R"(["full", "shared", "shared", "shared", "full", "shared", "shared", "shared"])"))
          .indexer == 2 * 132);
  // A shared layer has no indexer to store: 16 · 256 + 64 · 128 + 2 · 128 + 64 · 2 less each
  CHECK(parameters(architecture_of(base)) -
            parameters(architecture_of(with(base, "index_topk_freq", "4"))) ==
        5 * (4'096 + 8'192 + 256 + 128));
}

TEST_CASE("quirks 3: MiniCPM3's values are as wide as hidden / heads") {
  const Architecture minicpm = architecture_of(R"({"architectures": ["MiniCPM3ForCausalLM"],
    "hidden_size": 2560, "intermediate_size": 6400, "num_hidden_layers": 62,
    "num_attention_heads": 40, "num_key_value_heads": 40, "q_lora_rank": 768, "kv_lora_rank": 256,
    "qk_nope_head_dim": 64, "qk_rope_head_dim": 32, "vocab_size": 73448, "torch_dtype": "bfloat16"})");
  CHECK(first_mixer<LatentAttention>(minicpm)->v_head_dim == 64);
  const double mla = 2560.0 * 768 + 768 + 768.0 * 40 * 96 + 2560.0 * 288 + 256 + 256.0 * 40 * 128 +
                     40.0 * 64 * 2560;
  CHECK(parameters(minicpm) == 62 * (mla + 3.0 * 2560 * 6400 + 2 * 2560) + 73'448.0 * 2560 + 2560);
  CHECK(parameters(minicpm) == 4'073'875'968);
  CHECK(kv_bytes_per_token(minicpm, DType::kBf16).all == 62 * 288 * 2);
}

TEST_CASE("quirks 3: DeepSeek-V4 keeps a window, and compressed entries that grow") {
  Json ratios = {0, 0};
  for (int i = 2; i < 43; ++i) ratios.push_back(i % 2 == 0 ? 4 : 128);
  ratios.push_back(0);  // of the MTP layer
  const std::string flash =
      with(R"({"architectures": ["DeepseekV4ForCausalLM"], "hidden_size": 4096,
    "num_hidden_layers": 43, "num_attention_heads": 64, "num_key_value_heads": 1, "head_dim": 512,
    "q_lora_rank": 1024, "qk_rope_head_dim": 64, "o_groups": 8, "o_lora_rank": 1024, "sliding_window": 128,
    "index_n_heads": 64, "index_head_dim": 128, "index_topk": 512, "n_routed_experts": 256,
    "n_shared_experts": 1, "num_experts_per_tok": 6, "moe_intermediate_size": 2048, "hc_mult": 4,
    "num_hash_layers": 3, "num_nextn_predict_layers": 1, "max_position_embeddings": 1048576,
    "vocab_size": 129280, "torch_dtype": "bfloat16"})",
           "compress_ratios", ratios.dump());
  const Architecture architecture = architecture_of(flash);
  // Published with the MTP layer and 3 routing tables of 129280 · 6 integers: 290,944,616,402
  CHECK(parameters(architecture) == 284'332'240'471);
  CHECK(count_mtp_parameters(architecture) == 6'610'048'891);
  CHECK(parameters(architecture) + count_mtp_parameters(architecture) + 3.0 * 129'280 * 6 ==
        290'944'616'402);
  CHECK(count_parameters(architecture).active() == 13'799'632'471);
  // Keys are values: 512 · 2 bytes for each of the last 128 tokens in 43 layers, and one entry for
  // 4 tokens in 21 layers, for 128 in 20
  const double growing = 21 * 1024.0 / 4 + 20 * 1024.0 / 128;
  CHECK(kv_of(flash).growing == growing);
  CHECK(kv_of(flash).all == 43 * 1024 + growing);
  // An index key of 132 bytes for 4 tokens
  CHECK(kv_of(flash).indexer == 21 * 33);
}

TEST_CASE(
    "quirks 3: MiMo-V2-Flash's sliding layers have KV heads and its values a width of their own") {
  Json slides = Json::array(), sparse = Json::array();
  for (int i = 0; i < 48; ++i) {
    slides.push_back(i == 0 || i % 6 == 5 ? 0 : 1);
    sparse.push_back(i == 0 ? 0 : 1);
  }
  const std::string flash =
      with(with(R"({"architectures": ["MiMoV2FlashForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 16384, "moe_intermediate_size": 2048, "num_hidden_layers": 48,
    "num_attention_heads": 64, "num_key_value_heads": 4, "head_dim": 192, "v_head_dim": 128,
    "swa_num_attention_heads": 64, "swa_num_key_value_heads": 8, "swa_head_dim": 192, "swa_v_head_dim": 128,
    "sliding_window": 128, "add_swa_attention_sink_bias": true, "add_full_attention_sink_bias": false,
    "n_routed_experts": 256, "num_experts_per_tok": 8, "max_position_embeddings": 262144,
    "vocab_size": 152576, "torch_dtype": "bfloat16"})",
                "hybrid_layer_pattern", slides.dump()),
           "moe_layer_freq", sparse.dump());
  const Architecture architecture = architecture_of(flash);
  // 9 full layers of 4 · (192 + 128) elements, 39 sliding ones of 8 · (192 + 128)
  CHECK(kv_of(flash).growing == 9 * 1280 * 2);
  CHECK(kv_of(flash).all == 9 * 1280 * 2 + 39 * 2560 * 2);
  const double q_and_o = 4096.0 * 64 * 192 + 64 * 128 * 4096.0;
  const double full = q_and_o + 4096.0 * 1280, sliding = q_and_o + 4096.0 * 2560 + 64;
  const double moe = 256 * 3.0 * 4096 * 2048 + 4097.0 * 256, dense = 3.0 * 4096 * 16'384;
  const double total =
      9 * full + 39 * sliding + 47 * moe + dense + 48 * 8192 + 2 * 152'576.0 * 4096 + 4096;
  CHECK(parameters(architecture) == total);
  CHECK(total == 308'778'780'864);
  // Three MTP layers are stored that no key names: sliding, dense, 2 · 4096² + 5 norms
  CHECK(count_mtp_parameters(architecture) == 3 * (sliding + dense + 2 * 4096.0 * 4096 + 5 * 4096));
}

TEST_CASE("quirks 3: Gemma 4's global layers are wider, its last layers keep no K and V") {
  // E4B: 42 layers of 2 KV heads, every sixth global with heads of 512, the last 18 share
  const std::string e4b =
      R"({"architectures": ["Gemma4ForConditionalGeneration"], "model_type": "gemma4",
    "text_config": {"model_type": "gemma4_text", "hidden_size": 2560, "intermediate_size": 10240,
    "num_hidden_layers": 42, "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 256,
    "global_head_dim": 512, "num_kv_shared_layers": 18, "sliding_window": 512,
    "hidden_size_per_layer_input": 256, "vocab_size_per_layer_input": 262144, "vocab_size": 262144,
    "max_position_embeddings": 131072, "torch_dtype": "bfloat16"}})";
  CHECK(parameters(architecture_of(e4b)) == 7'463'013'418);
  // Of the first 24 four are global: 2 · 2 · 512 elements each; 20 slide with 2 · 2 · 256
  CHECK(kv_of(e4b).growing == 4 * 2048 * 2);
  CHECK(kv_of(e4b).all == 4 * 2048 * 2 + 20 * 1024 * 2);
  // One projection for K and V of global layers, but both are cached.
  const std::string small_gemma =
      small("Gemma4ForCausalLM", R"({"num_hidden_layers": 6, "head_dim": 16,
    "global_head_dim": 32, "sliding_window": 64})");
  const std::string equal =
      with(with(small_gemma, "attention_k_eq_v", "true"), "num_global_key_value_heads", "1");
  CHECK(kv_of(small_gemma).growing == 2 * 2 * 32 * 2);
  CHECK(kv_of(equal).growing == 2 * 1 * 32 * 2);
  // k of 1 head of 32 in place of k and v of 2 heads
  CHECK(parameters(architecture_of(small_gemma)) - parameters(architecture_of(equal)) ==
        64 * (4 * 32 - 32));
}

TEST_CASE("quirks 3: layers of Llama 3.2 Vision that attend to images keep no text") {
  const std::string vision11b =
      R"({"architectures": ["MllamaForConditionalGeneration"], "text_config": {
    "model_type": "mllama_text_model", "hidden_size": 4096, "intermediate_size": 14336,
    "num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 8,
    "cross_attention_layers": [3, 8, 13, 18, 23, 28, 33, 38], "vocab_size": 128256,
    "max_position_embeddings": 131072, "torch_dtype": "bfloat16"}})";
  // Llama of 40 layers, 8 embedding rows more, and norms of q and k and two gates in 8 layers
  const double layer = 2.0 * 4096 * 4096 + 2.0 * 4096 * 1024 + 3.0 * 4096 * 14'336 + 2 * 4096;
  CHECK(parameters(architecture_of(vision11b)) ==
        40 * layer + 8 * (2 * 128 + 2) + (2 * 128'256.0 + 8) * 4096 + 4096);
  CHECK(parameters(architecture_of(vision11b)) == 9'775'192'080);
  CHECK(kv_of(vision11b).all == 32 * 2 * 8 * 128 * 2);
}
