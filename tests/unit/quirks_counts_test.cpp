// Rules of config.json in the wild, sections 6, 7 and 9 of the reference notes: tied heads, biases
// and norms that configs do not mention, and why a hub shows another total.
#include "catch.h"
#include "memory/memory_plan.h"
#include "model/config.h"
#include "model/hub_total.h"
#include "model/weights.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

/// A decoder small enough to count by hand: a table of 100 · 64, 2 layers of 4 heads and 2 KV heads
/// of 16.
const std::string kSmall = R"({"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
  "num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 100,
  "max_position_embeddings": 512, "torch_dtype": "bfloat16"})";
constexpr double kTable = 100 * 64;
// Of a layer: q, k, v and o, with all heads' K and V; gate, up and down, or up and down.
constexpr double kAttention = 2 * 64 * 64 + 2 * 64 * 32;
constexpr double kMultiHead = 4 * 64 * 64;
constexpr double kGated = 3 * 64 * 128;
constexpr double kPlain = 2 * 64 * 128;
// Biases of q, k and v, of o, of a gated FFN and of a plain one.
constexpr double kQkvBias = 64 + 32 + 32, kOutputBias = 64, kGatedBias = 2 * 128 + 64,
                 kPlainBias = 128 + 64;
constexpr double kNorm = 64;
constexpr double kLayerNorm = 2 * 64;  // with a bias

const std::string kMoe =
    R"("num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32)";
const std::string kMla = R"("q_lora_rank": 16, "kv_lora_rank": 16, "qk_nope_head_dim": 8,
  "qk_rope_head_dim": 8, "v_head_dim": 8)";

std::string small(const std::string& name, const std::string& more = "{}") {
  Json json = Json::parse(with(kSmall, "architectures", R"([")" + name + R"("])"));
  json.update(Json::parse(more));
  return json.dump();
}

double parameters(const std::string& config) {
  return count_parameters(architecture_of(config)).total();
}

/// What a hub counts: the model and all that it may store beside.
double hub_total(const Architecture& architecture) {
  double total = count_parameters(architecture).total();
  for (const HubDifference& difference : hub_differences(architecture)) {
    total += difference.parameters;
  }
  return total;
}

double difference(const Architecture& architecture, const std::string& code) {
  for (const HubDifference& difference : hub_differences(architecture)) {
    if (difference.code == code) return difference.parameters;
  }
  return 0;
}

struct Published {
  const char* model;
  const char* config;
  double parameters;
};

void check_published(const std::vector<Published>& models) {
  for (const Published& model : models) {
    CAPTURE(model.model);
    CHECK(parameters(model.config) == model.parameters);
  }
}

}  // namespace

TEST_CASE("quirks 6: heads that are tied where the key is left out") {
  struct Case {
    const char* name;
    std::string more;
  };
  const std::vector<Case> tied = {
      {"GemmaForCausalLM", "{}"},
      {"Gemma2ForCausalLM", "{}"},
      {"Gemma3ForCausalLM", "{}"},
      {"Gemma3nForCausalLM", "{}"},
      {"Gemma4ForCausalLM", "{}"},
      {"GPT2LMHeadModel", "{}"},
      {"GPTBigCodeForCausalLM", "{}"},
      {"GPTNeoForCausalLM", "{}"},
      {"OPTForCausalLM", "{}"},
      {"BloomForCausalLM", "{}"},
      {"MPTForCausalLM", "{}"},
      {"FalconForCausalLM", "{}"},
      {"RWForCausalLM", "{}"},
      {"CohereForCausalLM", "{}"},
      {"Cohere2ForCausalLM", "{}"},
      {"SmolLM3ForCausalLM", "{}"},
      {"Starcoder2ForCausalLM", "{}"},
      {"Phi3SmallForCausalLM", "{}"},
      {"MiniCPMForCausalLM", "{}"},
      {"MiniCPM3ForCausalLM", "{" + kMla + "}"},
      {"Lfm2ForCausalLM", "{}"},
      {"ChatGLMModel", "{}"},
      {"OpenELMForCausalLM",
       R"({"head_dim": 16, "num_query_heads": [4, 4], "num_kv_heads": [2, 2]})"},
      {"Zamba2ForCausalLM", R"({"n_mamba_heads": 8, "layers_block_type": ["mamba", "hybrid"]})"},
      {"MambaForCausalLM", "{}"},
      {"Ernie4_5ForCausalLM", "{}"},
  };
  for (const Case& c : tied) {
    CAPTURE(c.name);
    const Architecture silent = architecture_of(small(c.name, c.more));
    CHECK(silent.tied_embeddings);
    CHECK(count_parameters(silent).of(Component::kLmHead) == 0);
    const Architecture untied =
        architecture_of(with(small(c.name, c.more), "tie_word_embeddings", "false"));
    CHECK(count_parameters(untied).of(Component::kLmHead) == kTable);
  }
}

TEST_CASE("quirks 6: heads that are stored apart where the key is left out") {
  struct Case {
    const char* name;
    std::string more;
  };
  const std::vector<Case> apart = {
      {"LlamaForCausalLM", "{}"},
      {"Llama4ForCausalLM", "{" + kMoe + "}"},
      {"MistralForCausalLM", "{}"},
      {"MixtralForCausalLM", "{" + kMoe + "}"},
      {"QWenLMHeadModel", "{}"},
      {"Qwen2ForCausalLM", "{}"},
      {"Qwen2MoeForCausalLM", "{" + kMoe + "}"},
      {"Qwen3ForCausalLM", "{}"},
      {"Qwen3MoeForCausalLM", "{" + kMoe + "}"},
      {"DeepseekForCausalLM", "{" + kMoe + "}"},
      {"DeepseekV2ForCausalLM", "{" + kMla + ", " + kMoe + "}"},
      {"DeepseekV3ForCausalLM", "{" + kMla + ", " + kMoe + "}"},
      {"PhiForCausalLM", "{}"},
      {"GPTNeoXForCausalLM", "{}"},
      {"MllamaForCausalLM", R"({"cross_attention_layers": []})"},
      {"LongcatFlashForCausalLM",
       "{" + kMla + R"(, "ffn_hidden_size": 96, "expert_ffn_hidden_size": 32,
        "n_routed_experts": 4, "moe_topk": 2})"},
      {"DbrxForCausalLM", R"({"attn_config": {"kv_n_heads": 2},
        "ffn_config": {"ffn_hidden_size": 32, "moe_num_experts": 4, "moe_top_k": 2}})"},
      {"Step3TextForCausalLM", R"({"head_dim": 16, "share_q_dim": 32, )" + kMoe + "}"},
      {"Mamba2ForCausalLM", R"({"num_heads": 8, "head_dim": 16, "n_groups": 1})"},
  };
  for (const Case& c : apart) {
    CAPTURE(c.name);
    const Architecture silent = architecture_of(small(c.name, c.more));
    CHECK_FALSE(silent.tied_embeddings);
    CHECK(count_parameters(silent).of(Component::kLmHead) >= kTable);
  }
  // ChatGLM 2 and RWKV store it apart whatever the flag says.
  for (
      const char* config : {
          R"({"architectures": ["ChatGLMModel"], "hidden_size": 64, "num_layers": 2, "num_attention_heads": 4,
               "ffn_hidden_size": 96, "padded_vocab_size": 100, "tie_word_embeddings": true})",
          R"({"architectures": ["Rwkv5ForCausalLM"], "model_type": "rwkv5", "hidden_size": 64,
               "num_hidden_layers": 2, "vocab_size": 100, "tie_word_embeddings": true})"}) {
    CAPTURE(config);
    CHECK(count_parameters(architecture_of(config)).of(Component::kLmHead) == kTable);
  }
  // GPT-J's head is apart, and has a bias.
  CHECK(count_parameters(
            architecture_of(small("GPTJForCausalLM", R"({"tie_word_embeddings": false})")))
            .of(Component::kLmHead) == kTable + 100);
}

TEST_CASE("quirks 6: families tie under keys of their own") {
  const auto head = [](const std::string& config) {
    return count_parameters(architecture_of(config)).of(Component::kLmHead);
  };
  CHECK(head(small("Lfm2ForCausalLM", R"({"tie_embedding": false})")) == kTable);
  CHECK(head(small("OpenELMForCausalLM", R"({"head_dim": 16, "num_query_heads": [4, 4],
    "num_kv_heads": [2, 2], "share_input_output_layers": false})")) == kTable);
  CHECK(head(small("MolmoForCausalLM", R"({"weight_tying": true})")) == 0);
  CHECK(head(small("MolmoForCausalLM", R"({"weight_tying": false})")) == kTable);
}

TEST_CASE("quirks 6: embedding and reward models have no head at all") {
  // Qwen3-Embedding-8B with its class: 151665 · 4096 = 621,219,840 less than with a head
  const std::string embedding = R"({"architectures": ["Qwen3Model"], "hidden_size": 4096,
    "intermediate_size": 12288, "num_hidden_layers": 36, "num_attention_heads": 32,
    "num_key_value_heads": 8, "head_dim": 128, "tie_word_embeddings": false, "vocab_size": 151665,
    "torch_dtype": "bfloat16"})";
  const Architecture headless = architecture_of(embedding);
  CHECK_FALSE(headless.lm_head);
  CHECK(headless.notes.at(0).code == "no_lm_head");
  CHECK(parameters(with(embedding, "architectures", R"(["Qwen3ForCausalLM"])")) -
            parameters(embedding) ==
        621'219'840);
  // The published 8,188,515,328 counts the head.
  CHECK(parameters(embedding) == 8'188'515'328 - 621'219'840);
  for (const char* name : {"LlamaForSequenceClassification", "InternLM2ForRewardModel",
                           "MistralModel", "Gemma2Model", "Qwen2ForProcessRewardModel"}) {
    CAPTURE(name);
    const Architecture architecture = architecture_of(small(name));
    CHECK_FALSE(architecture.lm_head);
    CHECK(count_parameters(architecture).of(Component::kLmHead) == 0);
  }
  // ChatGLMModel and AquilaModel are classes with one.
  CHECK(architecture_of(small("ChatGLMModel")).lm_head);
}

TEST_CASE("quirks 6: heads with a bias, and published totals that show it") {
  for (const char* name : {"PhiForCausalLM", "GPTJForCausalLM", "CodeGenForCausalLM"}) {
    CAPTURE(name);
    CHECK(count_parameters(architecture_of(small(name))).of(Component::kLmHead) == kTable + 100);
  }
  check_published({
      // 32 · (4 · (2560² + 2560) + 2 · 2560 · 10240 + 12800 + 5120) + 2 · 51200 · 2560 + 51200 +
      // 5120
      {"phi-2",
       R"({"architectures": ["PhiForCausalLM"], "hidden_size": 2560, "intermediate_size": 10240,
        "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 51200})",
       2'779'683'840},
      // 34 · (4 · 6144² + 8 · 6144² + 5 · 6144 + 2 · 6144) + 2 · 51200 · 6144 + 51200 + 2 · 6144
      {"codegen-16B",
       R"({"architectures": ["CodeGenForCausalLM"], "n_embd": 6144, "n_layer": 34, "n_head": 24,
        "n_positions": 2048, "n_inner": null, "vocab_size": 51200})",
       16'032'155'648},
      // 32 · (2 · 4096² + 2 · 4096 · 1024 + 10240 + 16 · 3 · 4096 · 6400 + 4096 · 16 + 16384) +
      // 2 · 32064 · 4096 + 32064 + 8192
      {"Phi-3.5-MoE",
       R"({"architectures": ["PhiMoEForCausalLM"], "hidden_size": 4096, "intermediate_size": 6400,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "num_local_experts": 16,
        "num_experts_per_tok": 2, "attention_bias": true, "lm_head_bias": true, "vocab_size": 32064})",
       41'873'153'344},
      // Tied and untied: 16 · (4 · 2048² + 3 · 2048 · 8192) + 50304 · 2048
      {"OLMo-1B",
       R"({"architectures": ["OlmoForCausalLM"], "hidden_size": 2048, "intermediate_size": 8192,
        "num_hidden_layers": 16, "num_attention_heads": 16, "num_key_value_heads": 16,
        "tie_word_embeddings": true, "vocab_size": 50304})",
       1'176'764'416},
      {"OLMo-7B",
       R"({"architectures": ["OlmoForCausalLM"], "hidden_size": 4096, "intermediate_size": 11008,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 50304})",
       6'888'095'744},
      // 18 · (2 · 1024 · 2048 + 2 · 1024 · 256 + 3 · 1024 · 3072 + 2048) + 103424 · 1024 + 1024:
      // tied by its class
      {"ERNIE-4.5-0.3B", R"({"architectures": ["Ernie4_5ForCausalLM"], "hidden_size": 1024,
        "intermediate_size": 3072, "num_hidden_layers": 18, "num_attention_heads": 16, "num_key_value_heads": 2,
        "head_dim": 128, "vocab_size": 103424})",
       360'748'032},
  });
}

TEST_CASE("quirks 7: biases that configs do not mention, or mean differently") {
  struct Case {
    const char* name;
    std::string more;
    double of_layer;  ///< biases
  };
  const std::vector<Case> cases = {
      {"LlamaForCausalLM", "{}", 0},
      {"LlamaForCausalLM", R"({"attention_bias": true})", kQkvBias + kOutputBias},
      {"LlamaForCausalLM", R"({"mlp_bias": true})", kGatedBias},  // Granite code
      {"Qwen2ForCausalLM", "{}", kQkvBias},
      {"Qwen2ForCausalLM", R"({"attention_bias": false})", kQkvBias},
      {"SeedOssForCausalLM", R"({"head_dim": 16})", kQkvBias},
      {"SeedOssForCausalLM", R"({"head_dim": 16, "attention_out_bias": true})",
       kQkvBias + kOutputBias},
      {"GlmForCausalLM", R"({"head_dim": 16})", kQkvBias},
      {"GlmForCausalLM", R"({"head_dim": 16, "attention_bias": false})", 0},
      {"InternLMForCausalLM", "{}", kQkvBias + kOutputBias},
      {"InternLMForCausalLM", R"({"bias": false})", 0},
      {"InternLM2ForCausalLM", R"({"bias": false})", 0},
      {"InternLM3ForCausalLM", R"({"qkv_bias": true})", kQkvBias},
      {"InternLM3ForCausalLM", R"({"bias": true})", kOutputBias + kGatedBias},
      {"PanguEmbeddedForCausalLM", R"({"bias": true})", kQkvBias + kOutputBias},
      {"Ernie4_5ForCausalLM", R"({"head_dim": 16, "use_bias": true, "tie_word_embeddings": false})",
       kQkvBias + kOutputBias + kGatedBias},
      {"Phi3ForCausalLM", "{}", 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name, c.more);
    CHECK(parameters(small(c.name, c.more)) ==
          2 * (kAttention + kGated + 2 * kNorm + c.of_layer) + 2 * kTable + kNorm);
  }
  // Qwen 1: its no_bias is about the others, and its FFN is half as wide as stated.
  CHECK(parameters(small("QWenLMHeadModel", R"({"no_bias": true, "num_key_value_heads": null})")) ==
        2 * (kMultiHead + 3 * 64 + kGated / 2 + 2 * kNorm) + 2 * kTable + kNorm);
  // GLM-4.5 norms heads and has biases of q, k and v only.
  const std::string glm =
      small("Glm4MoeForCausalLM", R"({"head_dim": 16, "n_shared_experts": 0, )" + kMoe + "}");
  CHECK(parameters(with(glm, "attention_bias", "true")) - parameters(glm) == 2 * kQkvBias);
  CHECK(parameters(with(glm, "use_qk_norm", "true")) - parameters(glm) == 2 * 2 * 16);
  // gpt-oss: every linear layer, those of experts and the router too, and a sink for each head
  const double expert = kGated + 2 * 128 + 64;
  CHECK(parameters(small("GptOssForCausalLM", R"({"head_dim": 16, )" + kMoe + "}")) ==
        2 * (kAttention + kQkvBias + kOutputBias + 4 + 4 * expert + 64 * 4 + 4 + 2 * kNorm) +
            2 * kTable + kNorm);
}

TEST_CASE("quirks 7: norms of each family") {
  struct Case {
    const char* name;
    std::string more;
    double of_layer, last;
  };
  const std::string untied = R"("tie_word_embeddings": false, "head_dim": 16)";
  const std::vector<Case> cases = {
      {"MistralForCausalLM", "{}", 2 * kNorm, kNorm},
      {"Gemma2ForCausalLM", "{" + untied + "}", 4 * kNorm, kNorm},
      {"Gemma3ForCausalLM", "{" + untied + "}", 4 * kNorm + 2 * 16, kNorm},
      {"Glm4ForCausalLM", "{" + untied + "}", 4 * kNorm, kNorm},
      {"CohereForCausalLM", "{" + untied + "}", kNorm, kNorm},  // parallel, without bias
      {"CohereForCausalLM", R"({"use_qk_norm": true, )" + untied + "}", kNorm + 64 + 32, kNorm},
      {"StableLmForCausalLM", "{}", 2 * kLayerNorm, kLayerNorm},
      {"StableLmForCausalLM", R"({"use_parallel_residual": true, "qk_layernorm": true})",
       kLayerNorm + 64 + 32, kLayerNorm},
      {"OlmoForCausalLM", "{}", 0, 0},  // without weights
      // A norm of each head, or of the whole width of q and k
      {"Qwen3ForCausalLM", "{" + untied + "}", 2 * kNorm + 2 * 16, kNorm},
      {"Exaone4ForCausalLM", "{}", 2 * kNorm + 2 * 16, kNorm},
      {"HunYuanDenseV1ForCausalLM", "{}", 2 * kNorm + 2 * 16, kNorm},
      {"Olmo2ForCausalLM", "{}", 2 * kNorm + 64 + 32, kNorm},
      {"Olmo3ForCausalLM", "{}", 2 * kNorm + 64 + 32, kNorm},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name, c.more);
    CHECK(parameters(small(c.name, c.more)) ==
          2 * (kAttention + kGated + c.of_layer) + 2 * kTable + c.last);
  }
  // Orion has LayerNorms with biases, and every head its own K and V.
  CHECK(parameters(without(small("OrionForCausalLM"), "num_key_value_heads")) ==
        2 * (kMultiHead + kGated + 2 * kLayerNorm) + 2 * kTable + kLayerNorm);
  // MiniMax-M2's "per_layer" is the whole width, OLMoE's as well; M3's is each head.
  const double experts = 4 * kGated + 64 * 4;
  const std::string m2 = small("MiniMaxM2ForCausalLM", "{" + kMoe + "}");
  CHECK(parameters(with(m2, "qk_norm_type", R"("per_layer")")) ==
        2 * (kAttention + 64 + 32 + experts + 4 + 2 * kNorm) + 2 * kTable + kNorm);
  CHECK(parameters(small("OlmoeForCausalLM", "{" + kMoe + "}")) ==
        2 * (kAttention + 64 + 32 + experts + 2 * kNorm) + 2 * kTable + kNorm);
}

TEST_CASE("quirks 7: plain FFNs have two matrices, with biases or without") {
  struct Case {
    const char* name;
    std::string more;
    double attention, biases, norms, last, tables;
  };
  const double all_biases = 3 * 64 + 64 + kPlainBias;
  const double positions = 512 * 64;
  const std::vector<Case> cases = {
      {"GPT2LMHeadModel", R"({"num_key_value_heads": null})", kMultiHead, all_biases,
       2 * kLayerNorm, kLayerNorm, kTable + positions},
      {"OPTForCausalLM", R"({"num_key_value_heads": null, "ffn_dim": 128})", kMultiHead, all_biases,
       2 * kLayerNorm, kLayerNorm, kTable + positions + 2 * 64},
      {"GPTNeoForCausalLM", R"({"num_key_value_heads": null})", kMultiHead, 64 + kPlainBias,
       2 * kLayerNorm, kLayerNorm, kTable + positions},
      {"GPTNeoXForCausalLM", R"({"num_key_value_heads": null})", kMultiHead, all_biases,
       2 * kLayerNorm, kLayerNorm, 2 * kTable},
      {"GPTJForCausalLM", R"({"num_key_value_heads": null})", kMultiHead, kPlainBias, kLayerNorm,
       kLayerNorm, 2 * kTable + 100},
      {"PhiForCausalLM", R"({"num_key_value_heads": null})", kMultiHead, all_biases, kLayerNorm,
       kLayerNorm, 2 * kTable + 100},
      {"PersimmonForCausalLM", R"({"num_key_value_heads": null})", kMultiHead, all_biases,
       2 * kLayerNorm + 4 * 16, kLayerNorm, 2 * kTable},
      {"Starcoder2ForCausalLM", "{}", kAttention, kQkvBias + kOutputBias + kPlainBias,
       2 * kLayerNorm, kLayerNorm, kTable},
      {"NemotronForCausalLM", "{}", kAttention, 0, 2 * kLayerNorm, kLayerNorm, 2 * kTable},
      {"ArceeForCausalLM", "{}", kAttention, 0, 2 * kNorm, kNorm, 2 * kTable},
      // Two scalars of its activation, norms of each head
      {"ApertusForCausalLM", "{}", kAttention, 2, 2 * kNorm + 2 * 16, kNorm, 2 * kTable},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(parameters(small(c.name, c.more)) ==
          2 * (c.attention + kPlain + c.biases + c.norms) + c.last + c.tables);
  }
  // Four times the width where it is not stated: BLOOM has a norm behind its embedding, MPT no
  // biases.
  const double wide = 2 * 64 * 256;
  CHECK(parameters(
            R"({"architectures": ["BloomForCausalLM"], "n_embed": 64, "n_layer": 2, "n_head": 4,
    "vocab_size": 100})") ==
        2 * (kMultiHead + 4 * 64 + wide + 256 + 64 + 2 * kLayerNorm) + kTable + 2 * kLayerNorm);
  CHECK(parameters(
            R"({"architectures": ["MPTForCausalLM"], "d_model": 64, "n_layers": 2, "n_heads": 4,
    "vocab_size": 100, "no_bias": true})") == 2 * (kMultiHead + wide + 2 * kNorm) + kTable + kNorm);
  // Falcon-7B's block has one LayerNorm, Falcon-40B's two.
  const std::string falcon = R"({"architectures": ["FalconForCausalLM"], "hidden_size": 64,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_kv_heads": 2, "vocab_size": 100})";
  CHECK(parameters(falcon) ==
        2 * (2 * 64 * 64 + 2 * 64 * 16 + wide + kLayerNorm) + kTable + kLayerNorm);
  CHECK(parameters(with(falcon, "new_decoder_architecture", "true")) ==
        2 * (kAttention + wide + 2 * kLayerNorm) + kTable + kLayerNorm);
}

TEST_CASE("quirks 7: the attention of Qwen3-Next and 3.5 has a gate as wide as its queries") {
  const std::string linear =
      R"("linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 8,
    "linear_value_head_dim": 8, "linear_conv_kernel_dim": 4, "head_dim": 16, "full_attention_interval": 1)";
  for (const char* gate : {"true", "false"}) {
    const std::string qwen =
        with(small("Qwen3_5ForCausalLM", "{" + linear + "}"), "attn_output_gate", gate);
    CHECK(parameters(qwen) ==
          2 * (kAttention + 64 * 64 + 2 * 16 + kGated + 2 * kNorm) + 2 * kTable + kNorm);
  }
}

TEST_CASE("quirks 7: learned positions are parameters, and OPT has two rows more") {
  const std::string opt350m = R"({"architectures": ["OPTForCausalLM"], "hidden_size": 1024,
    "num_hidden_layers": 24, "num_attention_heads": 16, "ffn_dim": 4096, "word_embed_proj_dim": 512,
    "do_layer_norm_before": false, "max_position_embeddings": 2048, "vocab_size": 50272})";
  // It embeds 512 wide and projects in and out; it has no last norm.
  CHECK(parameters(opt350m) ==
        24 * (4 * (1024.0 * 1024 + 1024) + 2 * 1024.0 * 4096 + 4096 + 1024 + 4 * 1024) +
            50'272.0 * 512 + 2050 * 1024 + 2 * 512 * 1024);
  CHECK(parameters(opt350m) == 331'196'416);
  check_published({
      {"opt-6.7b",
       R"({"architectures": ["OPTForCausalLM"], "hidden_size": 4096, "num_hidden_layers": 32,
        "num_attention_heads": 32, "ffn_dim": 16384, "word_embed_proj_dim": 4096, "do_layer_norm_before": true,
        "max_position_embeddings": 2048, "vocab_size": 50272})",
       6'658'473'984},
      // 32 · (4 · 2560² + 2560 + 8 · 2560² + 5 · 2560 + 4 · 2560) + 50257 · 2560 + 2048 · 2560 + 2
      // · 2560
      {"gpt-neo-2.7B",
       R"({"architectures": ["GPTNeoForCausalLM"], "hidden_size": 2560, "num_layers": 32,
        "num_heads": 20, "max_position_embeddings": 2048, "window_size": 256,
        "attention_types": [[["global", "local"], 16]], "vocab_size": 50257})",
       2'651'307'520},
  });
}

TEST_CASE("quirks 7: published totals of families with biases and norms of their own") {
  check_published({
      // 24 · (4 · (1024² + 1024) + 8 · 1024² + 5 · 1024 + 4 · 1024) + 250880 · 1024 + 2 · 2 · 1024
      {"bloom-560m", R"({"architectures": ["BloomForCausalLM"], "n_embed": 1024, "n_layer": 24,
        "num_attention_heads": 16, "vocab_size": 250880})",
       559'214'592},
      // 32 · (12 · 4096² + 2 · 4096) + 50432 · 4096 + 4096
      {"mpt-7b",
       R"({"architectures": ["MPTForCausalLM"], "d_model": 4096, "n_layers": 32, "n_heads": 32,
        "expansion_ratio": 4, "max_seq_len": 2048, "no_bias": true, "learned_pos_emb": true,
        "attn_config": {"alibi": true, "attn_type": "multihead_attention", "qk_ln": false}, "vocab_size": 50432})",
       6'649'286'656},
      // 44 · (12 · 6144² + 4 · 6144 + 5 · 6144 + 4 · 6144) + 2 · 50432 · 6144 + 2 · 6144
      {"gpt-neox-20b", R"({"architectures": ["GPTNeoXForCausalLM"], "hidden_size": 6144,
        "intermediate_size": 24576, "num_hidden_layers": 44, "num_attention_heads": 64, "vocab_size": 50432})",
       20'554'567'680},
      // 40 · (2 · 5120² + 2 · 5120 · 1280 + 40 · 160 + 3 · 5120 · 13824 + 2 · 5120) + 2 · 100352 ·
      // 5120 + 2 · 5120
      {"stablelm-2-12b", R"({"architectures": ["StableLmForCausalLM"], "hidden_size": 5120,
        "intermediate_size": 13824, "num_hidden_layers": 40, "num_attention_heads": 32,
        "num_key_value_heads": 8, "qk_layernorm": true, "use_parallel_residual": true, "use_qkv_bias": false,
        "vocab_size": 100352})",
       12'143'185'920},
      // 24 · (4 · 2048² + 3 · 2048 + 3 · 2048 · 5632 + 4 · 2048) + 2 · 100352 · 2048 + 2 · 2048
      {"stablelm-2-1.6b", R"({"architectures": ["StableLmForCausalLM"], "hidden_size": 2048,
        "intermediate_size": 5632, "num_hidden_layers": 24, "num_attention_heads": 32,
        "num_key_value_heads": 32, "use_qkv_bias": true, "vocab_size": 100352})",
       1'644'515'328},
      // 40 · (4 · 8192² + 3 · 8192 · 22528 + 8192) + 256000 · 8192 + 8192
      {"command-r-v01", R"({"architectures": ["CohereForCausalLM"], "hidden_size": 8192,
        "intermediate_size": 22528, "num_hidden_layers": 40, "num_attention_heads": 64,
        "num_key_value_heads": 64, "vocab_size": 256000})",
       34'980'831'232},
      // 64 · (2 · 12288² + 2 · 12288 · 1024 + 12288 + 1024 + 3 · 12288 · 33792 + 12288) + 256000 ·
      // 12288 + 12288
      {"command-r-plus", R"({"architectures": ["CohereForCausalLM"], "hidden_size": 12288,
        "intermediate_size": 33792, "num_hidden_layers": 64, "num_attention_heads": 96,
        "num_key_value_heads": 8, "use_qk_norm": true, "vocab_size": 256000})",
       103'810'674'688},
      // 48 · (2 · 4096² + 2 · 4096 · 256 + 3 · 4096 · 10240 + 2 · 4096) + 2 · 128512 · 4096 + 4096
      {"internlm3-8b", R"({"architectures": ["InternLM3ForCausalLM"], "hidden_size": 4096,
        "intermediate_size": 10240, "num_hidden_layers": 48, "num_attention_heads": 32,
        "num_key_value_heads": 2, "head_dim": 128, "qkv_bias": false, "bias": false, "vocab_size": 128512})",
       8'804'241'408},
      // 40 · (2 · 4096² + 2 · 4096 · 256 + 4096 + 512 + 3 · 4096 · 13696 + 2 · 4096) + 2 · 151552 ·
      // 4096 + 4096,
      // in either form of its config; 0414 has two norms more
      {"glm-4-9b-chat-hf", R"({"architectures": ["GlmForCausalLM"], "hidden_size": 4096,
        "intermediate_size": 13696, "num_hidden_layers": 40, "num_attention_heads": 32,
        "num_key_value_heads": 2, "head_dim": 128, "attention_bias": true, "vocab_size": 151552})",
       9'399'951'360},
      {"glm-4-9b-chat",
       R"({"architectures": ["ChatGLMForConditionalGeneration"], "model_type": "chatglm",
        "hidden_size": 4096, "ffn_hidden_size": 13696, "num_layers": 40, "num_attention_heads": 32,
        "multi_query_attention": true, "multi_query_group_num": 2, "kv_channels": 128, "add_qkv_bias": true,
        "add_bias_linear": false, "padded_vocab_size": 151552})",
       9'399'951'360},
      {"GLM-4-9B-0414", R"({"architectures": ["Glm4ForCausalLM"], "hidden_size": 4096,
        "intermediate_size": 13696, "num_hidden_layers": 40, "num_attention_heads": 32,
        "num_key_value_heads": 2, "head_dim": 128, "attention_bias": true, "vocab_size": 151552})",
       9'400'279'040},
      {"GLM-4-32B-0414", R"({"architectures": ["Glm4ForCausalLM"], "hidden_size": 6144,
        "intermediate_size": 23040, "num_hidden_layers": 61, "num_attention_heads": 48,
        "num_key_value_heads": 2, "head_dim": 128, "attention_bias": false, "vocab_size": 151552})",
       32'566'081'536},
      // 32 · (2 · 4096² + 2 · 4096 · 1024 + 256 + 2 · 4096 · 21504 + 2 + 2 · 4096) + 2 · 131072 ·
      // 4096 + 4096
      {"Apertus-8B", R"({"architectures": ["ApertusForCausalLM"], "hidden_size": 4096,
        "intermediate_size": 21504, "num_hidden_layers": 32, "num_attention_heads": 32,
        "num_key_value_heads": 8, "vocab_size": 131072})",
       8'053'338'176},
      // 26 · (4 · 1152 · 1024 + 3 · 1152 · 6912 + 2 · 1152) + 256000 · 1152 + 1152
      {"vaultgemma-1b", R"({"architectures": ["VaultGemmaForCausalLM"], "hidden_size": 1152,
        "intermediate_size": 6912, "num_hidden_layers": 26, "num_attention_heads": 4,
        "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 256000})",
       1'038'741'120},
      // 28 · (2 · 2048² + 2 · 2048 · 1024 + 3 · 2048 · 8192 + 2 · 2048) + 2 · 64000 · 2048 + 2048
      {"helium-1-2b", R"({"architectures": ["HeliumForCausalLM"], "hidden_size": 2048,
        "intermediate_size": 8192, "num_hidden_layers": 28, "num_attention_heads": 16,
        "num_key_value_heads": 8, "head_dim": 128, "tie_word_embeddings": false, "vocab_size": 64000})",
       2'023'868'416},
      // Norms before both output projections: 30 · (2 · 2560² + 2 · 2560 · 640 + 3 · 2560 · 6912 +
      // 3 · 2560 + 6912) +
      // 128256 · 2560 + 2560
      {"bitnet-b1.58-2B-4T", R"({"architectures": ["BitNetForCausalLM"], "hidden_size": 2560,
        "intermediate_size": 6912, "num_hidden_layers": 30, "num_attention_heads": 20,
        "num_key_value_heads": 5, "tie_word_embeddings": true, "vocab_size": 128256})",
       2'412'820'480},
      // 64 · (2 · 8192² + 2 · 8192 · 1024 + 8 · 3 · 8192 · 16384 + 8192 · 8 + 3 · 8192 · 32768 + 4
      // · 8192) +
      // 2 · 131072 · 8192 + 8192
      {"grok-2",
       R"({"architectures": ["Grok1ForCausalLM"], "hidden_size": 8192, "intermediate_size": 32768,
        "moe_intermediate_size": 16384, "residual_moe": true, "num_local_experts": 8, "num_experts_per_tok": 2,
        "num_hidden_layers": 64, "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 128,
        "tie_word_embeddings": false, "vocab_size": 131072})",
       269'515'497'472},
      // RWKV-4: 12 · (5 · 768² + 5 · 768 + 768² + 2 · 768 · 3072 + 2 · 768 + 4 · 768) − 768² + 2 ·
      // 50277 · 768 + 4 · 768
      {"rwkv-4-169m-pile",
       R"({"architectures": ["RwkvForCausalLM"], "model_type": "rwkv", "hidden_size": 768,
        "num_hidden_layers": 12, "attention_hidden_size": 768, "intermediate_size": 3072,
        "context_length": 1024, "vocab_size": 50277})",
       169'342'464},
      {"RWKV7-Goose-World2.9-0.4B",
       R"({"architectures": ["RWKV7ForCausalLM"], "model_type": "rwkv7",
        "hidden_size": 1024, "num_hidden_layers": 24, "intermediate_size": 4096, "head_dim": 64,
        "decay_low_rank_dim": 64, "a_low_rank_dim": 64, "v_low_rank_dim": 32, "gate_low_rank_dim": 128,
        "vocab_size": 65536})",
       450'767'872},
      {"mamba-2.8b-hf",
       R"({"architectures": ["MambaForCausalLM"], "hidden_size": 2560, "num_hidden_layers": 64,
        "intermediate_size": 5120, "state_size": 16, "time_step_rank": 160, "conv_kernel": 4, "use_bias": false,
        "use_conv_bias": true, "vocab_size": 50280})",
       2'768'345'600},
  });
}

TEST_CASE("quirks 9: what a hub counts besides") {
  // A tied head that is stored again: Qwen3-0.6B shows 751,632,384.
  const Architecture qwen =
      architecture_of(R"({"architectures": ["Qwen3ForCausalLM"], "hidden_size": 1024,
    "intermediate_size": 3072, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8,
    "head_dim": 128, "tie_word_embeddings": true, "vocab_size": 151936, "torch_dtype": "bfloat16"})");
  CHECK(count_parameters(qwen).total() == 596'049'920);
  CHECK(difference(qwen, "tied_head") == 151'936.0 * 1024);
  CHECK(hub_total(qwen) == 751'632'384);

  // DeepSeek-V3: an MTP layer of 11.6 B with copies of both tables, and fp32 scales of 128 · 128
  // weights, those of the MTP layer not among ours: 684,531,386,000 in all, of which 41,540,496
  // scales
  const Architecture deepseek = architecture_of(kDeepSeekR1);
  CHECK(difference(deepseek, "mtp") == 11'610'068'224);
  CHECK(difference(deepseek, "mtp_copies") == 2 * 129'280.0 * 7168);
  CHECK(difference(deepseek, "quantization_scales") == Approx(41'540'496).epsilon(0.02));
  CHECK(hub_total(deepseek) == Approx(684'531'386'000).epsilon(1e-5));

  // Qwen3-Next: its MTP block shares the tables. GLM-4.7-Flash: copies of both. Published.
  const std::string flash = R"({"architectures": ["Glm4MoeLiteForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 10240, "moe_intermediate_size": 1536, "num_hidden_layers": 47,
    "num_attention_heads": 20, "num_key_value_heads": 20, "q_lora_rank": 768, "kv_lora_rank": 512,
    "qk_nope_head_dim": 192, "qk_rope_head_dim": 64, "v_head_dim": 256, "n_routed_experts": 64,
    "n_shared_experts": 1, "num_experts_per_tok": 4, "first_k_dense_replace": 1,
    "num_nextn_predict_layers": 1, "vocab_size": 154880, "torch_dtype": "bfloat16"})";
  CHECK(parameters(flash) == 29'943'393'920);
  CHECK(hub_total(architecture_of(flash)) == 31'221'488'576);

  // Packed words are multiplied back for these: gpt-oss-120b shows 120,412,337,472 with a scale for
  // each 32, Kimi-K2.5 1.0586 T with scales and an encoder.
  const Architecture oss = architecture_of(R"({"architectures": ["GptOssForCausalLM"],
    "hidden_size": 2880, "intermediate_size": 2880, "num_hidden_layers": 36, "num_attention_heads": 64,
    "num_key_value_heads": 8, "head_dim": 64, "num_local_experts": 128, "num_experts_per_tok": 4,
    "vocab_size": 201088, "torch_dtype": "bfloat16", "quantization_config": {"quant_method": "mxfp4"}})");
  CHECK(count_parameters(oss).total() == 116'829'156'672);
  CHECK(hub_total(oss) == 120'412'337'472);
  const Architecture kimi =
      architecture_of(R"({"architectures": ["KimiK25ForConditionalGeneration"],
    "model_type": "kimi_k25", "vision_config": {"vt_hidden_size": 1152, "patch_size": 14},
    "text_config": {"model_type": "kimi_k2", "hidden_size": 7168, "intermediate_size": 18432,
    "moe_intermediate_size": 2048, "num_hidden_layers": 61, "num_attention_heads": 64,
    "num_key_value_heads": 64, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64, "v_head_dim": 128, "n_routed_experts": 384, "n_shared_experts": 1,
    "num_experts_per_tok": 8, "first_k_dense_replace": 1, "vocab_size": 163840, "torch_dtype": "bfloat16",
    "quantization_config": {"quant_method": "compressed-tensors", "ignore": ["lm_head", "re:.*self_attn.*",
    "re:.*shared_experts.*", "re:.*mlp\\.(gate|up|gate_up|down)_proj.*"], "config_groups": {"group_0": {
    "targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "strategy": "group",
    "group_size": 32, "symmetric": true}}}}}})");
  CHECK(count_parameters(kimi).total() == 1'026'408'232'448);
  CHECK(count_tower_parameters(kimi) == 471'143'920);
  // 60 · 384 experts of 3 · 7168 · 2048
  CHECK(difference(kimi, "quantization_scales") == 60.0 * 384 * 3 * 7168 * 2048 / 32);
  CHECK(hub_total(kimi) == Approx(1.0586e12).epsilon(1e-4));
}

TEST_CASE("quirks 9: a scale counts as one element, whatever its width") {
  const auto scales = [](const std::string& quantization) {
    return difference(architecture_of(with(small("LlamaForCausalLM", R"({"hidden_size": 128})"),
                                           "quantization_config", quantization)),
                      "quantization_scales");
  };
  // 128 wide, 2 KV heads of 32. Weights: q and o 128², k and v 128 · 64, FFN 3 · 128²; outputs:
  // 128, 64, 64, 128, 128, 128, 128
  const double weights = 2 * (2 * 128 * 128 + 2 * 128 * 64 + 3 * 128 * 128);
  const double rows = 2 * (128 + 64 + 64 + 128 + 3 * 128);
  const std::string channel = R"({"quant_method": "compressed-tensors", "ignore": ["lm_head"],
    "config_groups": {"group_0": {"targets": ["Linear"], "input_activations": {"num_bits": 8},
    "weights": {"num_bits": 8, "type": "float", "strategy": "channel"}}}})";
  CHECK(scales(channel) == rows);                              // bf16
  CHECK(scales(R"({"quant_method": "fbgemm_fp8"})") == rows);  // fp32
  CHECK(scales(R"({"quant_method": "modelopt", "quant_algo": "NVFP4"})") == weights / 16);
  CHECK(scales(R"({"quant_method": "modelopt", "quant_algo": "MXFP8"})") == weights / 32);
  CHECK(scales(R"({"quant_method": "fp8", "weight_block_size": [64, 64]})") == weights / (64 * 64));
  // bitsandbytes: one for each 64, and two weights to a byte (Llama-3.1-8B shows 4.65 B); BitNet:
  // four to a byte (its 2.4 B show 0.8 B)
  const std::string nf4 = R"({"quant_method": "bitsandbytes", "load_in_4bit": true})";
  CHECK(scales(nf4) == weights / 64);
  const std::string base = small("LlamaForCausalLM", R"({"hidden_size": 128})");
  CHECK(difference(architecture_of(with(base, "quantization_config", nf4)), "packed_words") ==
        -weights / 2);
  CHECK(difference(
            architecture_of(with(base, "quantization_config", R"({"quant_method": "bitnet"})")),
            "packed_words") == -weights * 3 / 4);
}
