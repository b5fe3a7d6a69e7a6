// Rules of config.json in the wild, sections 0 and 1 of the reference notes: text that is not
// strict JSON, and where in a config the language model stands.
#include <algorithm>

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

/// What stands beside it and must not be taken for it.
const std::string kVision =
    R"({"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "head_dim": 8,
  "intermediate_size": 48, "vocab_size": 7, "patch_size": 14, "image_size": 28, "depth": 3,
  "embed_dim": 32, "out_hidden_size": 64, "num_heads": 2, "vt_hidden_size": 32,
  "vt_num_hidden_layers": 3, "vt_intermediate_size": 48, "torch_dtype": "float16"})";

std::string merged(const std::string& config, const std::string& more) {
  Json json = Json::parse(config);
  json.update(Json::parse(more));
  return json.dump();
}

std::string small(const std::string& name, const std::string& more = "{}") {
  return merged(with(kSmall, "architectures", R"([")" + name + R"("])"), more);
}

/// The small decoder in a section of its own.
std::string wrapped(const std::string& name, const std::string& section, const std::string& inner,
                    const std::string& outer = "{}") {
  const std::string config = R"({"architectures": [")" + name + R"("], ")" + section + R"(": )" +
                             merged(kSmall, inner) + "}";
  return merged(config, outer);
}

Architecture pasted(const std::string& text, std::int64_t choice = 0) {
  const Result<Architecture> read = read_pasted_config(text, choice, "");
  if (!read.ok()) throw std::runtime_error(read.error().message);
  return read.value();
}

double parameters(const Architecture& architecture) {
  return count_parameters(architecture).total();
}

std::vector<std::string> note_codes(const Architecture& architecture) {
  std::vector<std::string> codes;
  for (const Note& note : architecture.notes) codes.push_back(note.code);
  return codes;
}

using Codes = std::vector<std::string>;

const std::string kLlama31_8B = R"({"architectures": ["LlamaForCausalLM"], "hidden_size": 4096,
  "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
  "num_key_value_heads": 8, "max_position_embeddings": 131072, "tie_word_embeddings": false,
  "torch_dtype": "bfloat16", "vocab_size": 128256})";
// 2 · 128256 · 4096 + 32 · (2 · 4096² + 2 · 4096 · 1024 + 3 · 4096 · 14336 + 2 · 4096) + 4096
constexpr double kLlama31_8BParameters = 8'030'261'248;

}  // namespace

TEST_CASE("quirks 0: a Python dict with a name, tuples, single quotes and float('inf') is read") {
  // Mamba-Codestral-7B as one would type it into a notebook.
  const Architecture codestral = pasted(R"(model_config: dict = {
    'architectures': ['Mamba2ForCausalLM',],
    'hidden_size': 4_096, 'num_hidden_layers': 64, 'vocab_size': 32768,
    'num_heads': 128, 'head_dim': 64, 'n_groups': 8, 'state_size': 128, 'conv_kernel': 4,
    'expand': 2, 'use_bias': False, 'use_conv_bias': True, 'rms_norm': True,
    'time_step_limit': (0.0, float("inf")), 'pad_token_id': None,
    'tie_word_embeddings': False, 'torch_dtype': torch.bfloat16,
})");
  // Inner 128 · 64 = 8192, convolution over 8192 + 2 · 8 · 128 = 10240; in_proj to 8192 + 10240 +
  // 128. A layer: 4096 · 18560 + 10240 · 5 + 3 · 128 + 8192 + 8192 · 4096 + 4096 = 109,640,064
  CHECK(parameters(codestral) == 64.0 * 109'640'064 + 2.0 * 32768 * 4096 + 4096);
  CHECK(parameters(codestral) == 7'285'403'648);
  CHECK(note_codes(codestral) == Codes{"not_strict_json"});
}

TEST_CASE("quirks 0: comments are not read, nor are keys that are comments") {
  const Architecture llama = pasted(R"({
  "// TRANSFORMER CORE": "",
  "architectures": ["LlamaForCausalLM"],  # the class
  # a whole line, with "quotes" and { braces }
  "hidden_size": 4096, // width
  "intermediate_size": 14336, "num_hidden_layers": 32, /* not
  "num_hidden_layers": 80 */
  "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
  "torch_dtype": "bfloat16"
})");
  CHECK(parameters(llama) == kLlama31_8BParameters);
  CHECK(note_codes(llama) == Codes{"not_strict_json"});
  // Of a family that is not known, keys are refused that are not understood; a comment is.
  const Architecture unknown = architecture_of(
      small("NovelForCausalLM",
            R"({"// TRANSFORMER CORE": "", "//": "sizes", "tie_word_embeddings": false})"));
  CHECK(note_codes(unknown) == Codes{"generic_decoder"});
}

TEST_CASE("quirks 0: of several configs in one Markdown text one is chosen by its heading") {
  const std::string text = "# Model configs\n\n## Llama-3.1-8B\n\n```json\n" + kLlama31_8B +
                           "\n```\n\n## Qwen2.5-32B\n\n```json\n" + kQwen25_32B + "\n```\n";
  const Result<Architecture> unchosen = read_pasted_config(text, 0, "");
  REQUIRE_FALSE(unchosen.ok());
  CHECK(unchosen.error().code == "several_configs");
  CHECK(unchosen.error().params == Params{{"count", "2"}, {"titles", "Llama-3.1-8B\nQwen2.5-32B"}});
  CHECK(parameters(pasted(text, 1)) == kLlama31_8BParameters);
  CHECK(parameters(pasted(text, 2)) == 32'763'876'352);
  // One config among headings needs no choice.
  CHECK(parameters(pasted("Llama-3.1-8B:\n" + kLlama31_8B + "\nThat is all.")) ==
        kLlama31_8BParameters);
}

TEST_CASE("quirks 0: Infinity, NaN and 1e+308 beside sizes are numbers") {
  for (const char* limit :
       {"[0.0, Infinity]", "[-Infinity, NaN]", "[0.0, 1e+308]", "(0.0, float('inf'))"}) {
    CAPTURE(limit);
    const std::string text = R"({"architectures": ["Mamba2ForCausalLM"], "hidden_size": 64,
      "num_hidden_layers": 1, "num_heads": 8, "head_dim": 16, "n_groups": 1, "state_size": 4,
      "conv_kernel": 4, "vocab_size": 100, "torch_dtype": "bfloat16", "time_step_limit": )" +
                             std::string(limit) + "}";
    // Inner 128, convolution over 128 + 2 · 4 = 136 with a bias, in_proj to 128 + 136 + 8 = 272:
    // 64 · 272 + 136 · 5 + 3 · 8 + 128 + 128 · 64, norm 64, tables 2 · 6400, final norm 64
    CHECK(parameters(pasted(text)) == 17'408 + 680 + 24 + 128 + 8'192 + 64 + 12'800 + 64);
  }
}

TEST_CASE(
    "quirks 0: line ends, byte order mark, fences and a missing last newline change nothing") {
  const std::string dumped = Json::parse(kLlama31_8B).dump(2);
  std::string crlf;
  for (const char c : dumped) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::vector<std::string> texts = {crlf,
                                          dumped,
                                          dumped + "\n",
                                          "\n" + kLlama31_8B,
                                          "\xEF\xBB\xBF" + dumped,
                                          "```json\n" + dumped + "\n```",
                                          "```\n" + crlf + "```\n"};
  for (const std::string& text : texts) {
    CAPTURE(text.substr(0, 20));
    CHECK(parameters(pasted(text)) == kLlama31_8BParameters);
  }
}

TEST_CASE("quirks 0: generation settings are neither experts nor context") {
  const std::string noise = R"({"top_k": 50, "top_p": 1.0, "temperature": 1.0, "num_beams": 1,
    "num_beam_groups": 1, "num_return_sequences": 1, "max_length": 20, "min_length": 0, "do_sample": false,
    "is_decoder": true, "no_repeat_ngram_size": 0, "encoder_no_repeat_ngram_size": 0,
    "repetition_penalty": 1.0, "length_penalty": 1.0, "id2label": {"0": "LABEL_0"},
    "label2id": {"LABEL_0": 0}, "typical_p": 1.0, "torchscript": false, "tf_legacy_loss": false,
    "tie_word_embeddings": false})";
  const Architecture quiet = architecture_of(kLlama31_8B);
  const Architecture loud =
      architecture_of(merged(without(kLlama31_8B, "max_position_embeddings"), noise));
  CHECK(parameters(loud) == parameters(quiet));
  CHECK(loud.max_context == 0);
  CHECK(loud.layers.at(0).layer == quiet.layers.at(0).layer);
  CHECK(loud.notes.empty());
  // A dump of a family that is not known has the same noise, which is no reason to refuse it.
  CHECK(note_codes(architecture_of(small("NovelForCausalLM", noise))) == Codes{"generic_decoder"});
}

TEST_CASE("quirks 0: numbers and booleans may be written as text or as floats") {
  const double plain =
      parameters(architecture_of(small("LlamaForCausalLM", R"({"attention_bias": true})")));
  // 86,848 without biases; q 64, k and v 2 · 32, o 64 in 2 layers
  CHECK(plain == 86'848 + 2 * (64 + 64 + 64));
  for (const char* written :
       {R"({"hidden_size": "64", "num_attention_heads": "4", "attention_bias": "true"})",
        R"({"hidden_size": 64.0, "num_hidden_layers": 2.0, "attention_bias": "True"})",
        R"({"vocab_size": "100.0", "rope_theta": "1000000", "attention_bias": 1})",
        R"({"vocab_size": 1e2, "rope_theta": 1000000.0, "attention_bias": true})"}) {
    CAPTURE(written);
    CHECK(parameters(architecture_of(small("LlamaForCausalLM", written))) == plain);
  }
}

TEST_CASE("quirks 0: mamba_dt_rank \"auto\" is a sixteenth of the width, rounded up") {
  const std::string jamba = small("JambaForCausalLM", R"({"hidden_size": 72, "num_experts": 4,
    "num_experts_per_tok": 2, "mamba_d_state": 4, "mamba_d_conv": 4, "mamba_expand": 2,
    "mamba_conv_bias": "true", "mamba_proj_bias": "false", "mamba_dt_rank": "auto"})");
  // ⌈72 / 16⌉ = 5
  CHECK(parameters(architecture_of(jamba)) ==
        parameters(architecture_of(with(jamba, "mamba_dt_rank", "5"))));
  CHECK(parameters(architecture_of(jamba)) !=
        parameters(architecture_of(with(jamba, "mamba_dt_rank", "4"))));
  const std::string mamba =
      R"({"architectures": ["MambaForCausalLM"], "hidden_size": 72, "num_hidden_layers": 1,
    "vocab_size": 100, "state_size": 4, "torch_dtype": "bfloat16"})";
  CHECK(parameters(architecture_of(with(mamba, "time_step_rank", R"("auto")"))) ==
        parameters(architecture_of(with(mamba, "time_step_rank", "5"))));
}

TEST_CASE("quirks 0: null is as good as absent") {
  struct Case {
    const char* what;
    std::string config;
    const char* field;
    double parameters;
  };
  const std::string gpt2 = R"({"architectures": ["GPT2LMHeadModel"], "n_embd": 64, "n_layer": 2,
    "n_head": 4, "n_positions": 512, "vocab_size": 100, "torch_dtype": "bfloat16"})";
  const std::string lite = R"({"architectures": ["DeepseekV2ForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 10944, "moe_intermediate_size": 1408, "num_hidden_layers": 27,
    "num_attention_heads": 16, "num_key_value_heads": 16, "kv_lora_rank": 512,
    "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "n_routed_experts": 64,
    "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1,
    "moe_layer_freq": 1, "topk_method": "greedy", "vocab_size": 102400, "torch_dtype": "bfloat16"})";
  const std::string tiny = R"({"architectures": ["DeepseekV2ForCausalLM"], "hidden_size": 1280,
    "intermediate_size": 6848, "moe_intermediate_size": 896, "num_hidden_layers": 12,
    "num_attention_heads": 10, "num_key_value_heads": 10, "n_routed_experts": 64,
    "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1, "use_mla": false,
    "vocab_size": 129280, "torch_dtype": "bfloat16"})";
  const std::vector<Case> cases = {
      // Every head its own K and V: 12,800 + 2 · (4 · 64² + 3 · 64 · 128 + 2 · 64) + 64
      {"Nemotron-NAS, num_key_value_heads",
       without(small("LlamaForCausalLM"), "num_key_value_heads"), "num_key_value_heads", 95'040},
      // Four times the width: 6400 + 512 · 64 + 2 · (4 · (64² + 64) + 2 · 64 · 256 + 256 + 64 + 4 ·
      // 64) + 128
      {"GPT-2, n_inner", gpt2, "n_inner", 139'264},
      // DeepSeek-V2-Lite projects queries directly: published, 15,706,484,224
      {"V2-Lite, q_lora_rank", lite, "q_lora_rank", 15'706'484'224},
      // DeepSeek-VL2-tiny has no MLA: published, 2,934,734,080
      {"vl2-tiny, kv_lora_rank", tiny, "kv_lora_rank", 2'934'734'080},
      {"Mistral-7B-v0.3, sliding_window", without(kMistral7Bv01, "sliding_window"),
       "sliding_window", 7'241'732'096},
      {"head_dim", small("LlamaForCausalLM"), "head_dim", 86'848},
      {"quantization_config", small("LlamaForCausalLM"), "quantization_config", 86'848},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const Architecture absent = architecture_of(c.config);
    const Architecture null = architecture_of(with(c.config, c.field, "null"));
    CHECK(parameters(absent) == c.parameters);
    CHECK(parameters(null) == c.parameters);
    CHECK(note_codes(null) == note_codes(absent));
    CHECK(kv_bytes_per_token(null, DType::kBf16).growing ==
          kv_bytes_per_token(absent, DType::kBf16).growing);
  }
}

TEST_CASE("quirks 1: the language model may stand at the top, beside what sees") {
  struct Case {
    const char* name;
    std::string beside;
    const char* family;
  };
  const std::vector<Case> cases = {
      {"Qwen2VLForConditionalGeneration", R"({"vision_config": )" + kVision + "}", "qwen2_vl"},
      {"Qwen2_5_VLForConditionalGeneration", R"({"vision_config": )" + kVision + "}", "qwen2_5_vl"},
      {"MiniCPMV", R"({"version": 2.6, "query_num": 64, "vision_config": )" + kVision + "}",
       "minicpmv"},
      {"LlavaLlamaForCausalLM", R"({"mm_vision_tower": "openai/clip-vit-large-patch14-336",
        "mm_hidden_size": 1024, "mm_projector_type": "mlp2x_gelu"})",
       "llava"},
      {"FuyuForCausalLM", R"({"text_config": {"model_type": "persimmon"}, "patch_size": 30})",
       "fuyu"},
      {"MolmoForCausalLM", R"({"embedding_size": 100, "image_feature_dropout": 0.0})", "molmo"},
      {"Phi3VForCausalLM",
       R"({"img_processor": {"name": "clip_vision_model", "hidden_size": 1024}})", "phi3_v"},
      {"LogicsForConditionalGeneration", R"({"vision_config": )" + kVision + "}", "logics"},
      {"QWenLMHeadModel", R"({"visual": {"width": 32, "output_dim": 64, "layers": 3, "mlp_ratio": 4,
        "patch_size": 14, "heads": 2}})",
       "qwen"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Architecture architecture = architecture_of(small(c.name, c.beside));
    CHECK(architecture.family == c.family);
    CHECK(architecture.hidden == 64);
    CHECK(architecture.vocabulary == 100);
    CHECK(architecture.layer_count() == 2);
    CHECK(architecture.dtype == DType::kBf16);
  }
}

TEST_CASE("quirks 1: or in text_config, llm_config, language_config or thinker_config") {
  const std::string moe =
      R"("num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32)";
  const std::string mla = R"("kv_lora_rank": 16, "qk_nope_head_dim": 8, "qk_rope_head_dim": 8,
    "v_head_dim": 8, "first_k_dense_replace": 1)";
  const std::string delta = R"("linear_attn_config": {"kda_layers": [1], "full_attn_layers": [2],
    "head_dim": 8, "num_heads": 4, "short_conv_kernel_size": 4})";
  struct Case {
    const char* name;
    const char* section;
    std::string inner;
    const char* family;
  };
  const std::vector<Case> cases = {
      {"Qwen3VLForConditionalGeneration", "text_config", R"({"model_type": "qwen3_vl_text"})",
       "qwen3_vl"},
      {"Qwen3_5ForConditionalGeneration", "text_config", R"({"model_type": "qwen3_5_text"})",
       "qwen3_5"},
      {"Gemma3ForConditionalGeneration", "text_config", R"({"model_type": "gemma3_text"})",
       "gemma3"},
      {"Gemma4ForConditionalGeneration", "text_config", R"({"model_type": "gemma4_text"})",
       "gemma4"},
      {"Llama4ForConditionalGeneration", "text_config",
       R"({"model_type": "llama4_text", "num_local_experts": 4, "num_experts_per_tok": 1})",
       "llama4"},
      {"MllamaForConditionalGeneration", "text_config",
       R"({"model_type": "mllama_text_model", "cross_attention_layers": [1]})", "mllama"},
      {"Mistral3ForConditionalGeneration", "text_config", R"({"model_type": "mistral"})",
       "mistral"},
      {"Exaone4_5_ForConditionalGeneration", "text_config", R"({"model_type": "exaone4"})",
       "exaone4_5"},
      {"Lfm2VlForConditionalGeneration", "text_config",
       R"({"model_type": "lfm2", "layer_types": ["conv", "full_attention"]})", "lfm2"},
      {"VoxtralForConditionalGeneration", "text_config", R"({"model_type": "llama"})", "llama"},
      {"KimiK25ForConditionalGeneration", "text_config",
       R"({"model_type": "kimi_k2", )" + mla + ", " + moe + "}", "deepseek_v3"},
      {"KimiK3ForConditionalGeneration", "text_config",
       R"({"model_type": "kimi_linear", )" + delta + ", " + mla + ", " + moe + "}", "kimi_linear"},
      {"MiniMaxM3SparseForConditionalGeneration", "text_config",
       R"({"model_type": "minimax_m3_vl_text", )" + moe + "}", "minimax_m3"},
      {"InternVLChatModel", "llm_config",
       R"({"architectures": ["InternLM2ForCausalLM"], "model_type": "internlm2", "top_k": 50,
           "max_length": 20})",
       "internlm2"},
      {"BailingMMNativeForConditionalGeneration", "llm_config",
       R"({"model_type": "bailing_moe", )" + moe + "}", "bailing_moe"},
      {"DeepseekVLV2ForCausalLM", "language_config",
       R"({"model_type": "deepseek_v2", "use_mla": false})", "deepseek_vl_v2"},
      {"MultiModalityCausalLM", "language_config", R"({"model_type": "llama"})", "llama"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Architecture architecture = architecture_of(wrapped(
        c.name, c.section, c.inner, R"({"hidden_size": 9, "vision_config": )" + kVision + "}"));
    CHECK(architecture.family == c.family);
    CHECK(architecture.architecture == c.name);
    CHECK(architecture.hidden == 64);
    CHECK(architecture.vocabulary == 100);
    CHECK(architecture.layer_count() == 2);
    CHECK(architecture.max_context == 512);
  }
  for (const char* name : {"Qwen2_5OmniModel", "Qwen3OmniMoeForConditionalGeneration"}) {
    CAPTURE(name);
    const std::string thinker = R"({"text_config": )" +
                                merged(kSmall, name[4] == '3' ? "{" + moe + "}" : "{}") +
                                R"(, "vision_config": )" + kVision + "}";
    const Architecture architecture = architecture_of(
        R"({"architectures": [")" + std::string(name) + R"("], "thinker_config": )" + thinker +
        R"(, "talker_config": {"hidden_size": 9, "text_config": {"hidden_size": 9}}})");
    CHECK(architecture.hidden == 64);
    CHECK(architecture.layer_count() == 2);
    // What speaks is a model of its own: it is named, not counted.
    const std::vector<Tower>& towers = architecture.towers;
    const auto talker = std::find_if(towers.begin(), towers.end(),
                                     [](const Tower& tower) { return tower.kind == "talker"; });
    REQUIRE(talker != towers.end());
    CHECK_FALSE(talker->counted);
  }
}

TEST_CASE("quirks 1: a text_config without sizes is a label, not the model") {
  // Fuyu-8B: every size at the top. 2 · 262144 · 4096 + 36 · (4 · (4096² + 4096) + 4 · 64 +
  // 2 · 4096 · 16384 + 16384 + 4096 + 4 · 4096) + 2 · 4096
  const Architecture fuyu =
      architecture_of(R"({"architectures": ["FuyuForCausalLM"], "model_type": "fuyu",
    "text_config": {"model_type": "persimmon"}, "hidden_size": 4096, "intermediate_size": 16384,
    "num_hidden_layers": 36, "num_attention_heads": 64, "vocab_size": 262144,
    "max_position_embeddings": 16384, "patch_size": 30, "num_channels": 3, "torch_dtype": "bfloat16"})");
  CHECK(parameters(fuyu) == 9'397'175'296);
  // Its encoder is one matrix: 30 · 30 · 3 · 4096 + 4096
  CHECK(count_tower_parameters(fuyu) == 11'063'296);
  // llava-1.5-7b-hf has no sizes at the top either: they are those of Llama's class, never the
  // encoder's. Llama-2-7B with 64 rows more: 6,738,415,616 + 2 · 64 · 4096
  const Architecture llava = architecture_of(
      R"({"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava",
        "text_config": {"model_type": "llama", "vocab_size": 32064}, "vision_config": )" +
      kVision + "}");
  CHECK(llava.family == "llama");
  CHECK(parameters(llava) == 6'738'415'616 + 524'288);
  CHECK(llava.notes.back().code == "family_defaults");
}

TEST_CASE("quirks 1: gemma-3-4b leaves heads, head_dim and vocabulary to its class") {
  const Architecture gemma =
      architecture_of(R"({"architectures": ["Gemma3ForConditionalGeneration"],
    "model_type": "gemma3", "text_config": {"model_type": "gemma3_text", "hidden_size": 2560,
    "intermediate_size": 10240, "num_hidden_layers": 34, "sliding_window": 1024},
    "vision_config": {"hidden_size": 1152, "num_hidden_layers": 27, "num_attention_heads": 16},
    "torch_dtype": "bfloat16"})");
  // 8 heads, 4 KV heads of 256: q and o 2560 · 2048, k and v 2560 · 1024, norms of q and k 2 · 256;
  // 3 · 2560 · 10240, 4 norms; 34 layers, 262208 · 2560 once, a last norm
  const double layer = 2.0 * 2560 * 2048 + 2.0 * 2560 * 1024 + 512 + 3.0 * 2560 * 10240 + 4 * 2560;
  CHECK(parameters(gemma) == 34 * layer + 262'208.0 * 2560 + 2560);
  CHECK(parameters(gemma) == 3'880'263'168);
  // SigLIP so400m and a projector: 416,866,032 + 1152 · 2560 + 1152. Together the published
  // 4,300,079,472.
  CHECK(count_tower_parameters(gemma) == 419'816'304);
  CHECK(parameters(gemma) + count_tower_parameters(gemma) == 4'300'079'472);
  // What was taken from the class is said.
  REQUIRE(gemma.notes.size() == 1);
  CHECK(gemma.notes[0].code == "family_defaults");
  CHECK(gemma.notes[0].message ==
        "The config leaves out what its family takes for granted: head_dim 256, "
        "max_position_embeddings 131072, num_attention_heads 8, num_key_value_heads 4, "
        "vocab_size 262208");
  // Every sixth of 34 layers is global: 5 of them; 2 · 4 · 256 · 2 bytes each
  CHECK(kv_bytes_per_token(gemma, DType::kBf16).all == 34 * 4096);
  CHECK(kv_bytes_per_token(gemma, DType::kBf16).growing == 5 * 4096);
}

TEST_CASE("quirks 1: the section counts before what surrounds it, the family's default last") {
  const auto tied = [](const std::string& inner, const std::string& outer) {
    return architecture_of(wrapped("Qwen3VLForConditionalGeneration", "text_config", inner, outer))
        .tied_embeddings;
  };
  const std::string yes = R"({"tie_word_embeddings": true})",
                    no = R"({"tie_word_embeddings": false})";
  CHECK(tied("{}", yes));  // Qwen3-VL-2B
  CHECK_FALSE(tied("{}", no));
  CHECK_FALSE(tied("{}", "{}"));
  CHECK_FALSE(tied(no, yes));
  CHECK(tied(yes, no));
  const auto gemma = [](const std::string& inner, const std::string& outer) {
    return architecture_of(wrapped("Gemma3ForConditionalGeneration", "text_config", inner, outer))
        .tied_embeddings;
  };
  CHECK(gemma("{}", "{}"));
  CHECK_FALSE(gemma("{}", no));

  // dtype at either level
  Json json = Json::parse(
      wrapped("Mistral3ForConditionalGeneration", "text_config", R"({"model_type": "mistral"})"));
  json["text_config"].erase("torch_dtype");
  json["dtype"] = "float16";
  const Architecture outer_dtype = architecture_of(json.dump());
  CHECK(outer_dtype.dtype == DType::kFp16);
  CHECK(outer_dtype.notes.empty());

  // quantization at either level: Devstral-2 outside, Kimi-K2.5 inside
  const std::string fp8 =
      R"({"quantization_config": {"quant_method": "fp8", "weight_block_size": null}})";
  for (const std::string& config : {wrapped("Mistral3ForConditionalGeneration", "text_config",
                                            R"({"model_type": "mistral"})", fp8),
                                    wrapped("Mistral3ForConditionalGeneration", "text_config",
                                            merged(fp8, R"({"model_type": "mistral"})"))}) {
    CHECK(architecture_of(config).formats.linear.name == "fp8");
    CHECK(architecture_of(config).quantization.method == "fp8");
  }
}

TEST_CASE("quirks 1: sizes of the encoder do not leak into the language model") {
  // Without head_dim, heads or layers of its own the text would be wrong in silence.
  const std::string vision = R"({"vision_config": )" + kVision + "}";
  const Architecture qwen = architecture_of(small("Qwen2VLForConditionalGeneration", vision));
  CHECK(std::get<GroupedAttention>(qwen.layers.at(0).layer.mixers.at(0)).head_dim == 16);
  const Result<Architecture> missing = read_config(
      Json::parse(without(small("Qwen2VLForConditionalGeneration", vision), "num_hidden_layers")),
      "");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message == "num_hidden_layers is missing");
}

TEST_CASE("quirks 1: the class decides, then model_type, and both may lie") {
  struct Case {
    std::string config;
    const char* family;
    double parameters;
  };
  const std::string moe = R"("num_experts": 4, "num_experts_per_tok": 2)";
  const std::vector<Case> cases = {
      // Grok-1 says mixtral: tied, and 4 norms a layer. 6400 + 2 · (12,288 + 4 · 24,576 + 4 · 64 +
      // 4 · 64) + 64
      {small("Grok1ModelForCausalLM", R"({"model_type": "mixtral", )" + moe + "}"), "grok-1",
       228'672},
      // ChatGLM 1 and 2 share class and type. 1: 6400 + 2 · (4 · 64² + 4 · 64 + 2 · 64 · 256 + 256
      // + 64 + 4 · 64) + 128
      {R"({"architectures": ["ChatGLMModel"], "model_type": "chatglm", "hidden_size": 64, "num_layers": 2,
           "num_attention_heads": 4, "inner_hidden_size": 256, "vocab_size": 100, "torch_dtype": "float16"})",
       "chatglm", 106'496},
      // 2: 104 rows apart twice, 2 KV groups with biases: 13,312 + 2 · (12,288 + 128 + 24,576 +
      // 128) + 64
      {R"({"architectures": ["ChatGLMModel"], "model_type": "chatglm", "hidden_size": 64, "num_layers": 2,
           "num_attention_heads": 4, "ffn_hidden_size": 128, "kv_channels": 16, "padded_vocab_size": 104,
           "vocab_size": 100, "multi_query_attention": true, "multi_query_group_num": 2, "add_qkv_bias": true,
           "torch_dtype": "float16"})",
       "chatglm", 87'616},
      // 6400 + 2 · (2 · 64² + 2 · 64 · 16 + 8 · 64² + 2 · 64) + 128
      {R"({"model_type": "RefinedWebModel", "hidden_size": 64, "n_layer": 2, "n_head": 4, "multi_query": true,
           "vocab_size": 100, "torch_dtype": "bfloat16"})",
       "falcon", 92'800},
      // LayerNorms have biases: 86,848 + (2 · 2 + 1) · 64
      {without(small("", R"({"model_type": "stablelm_epoch"})"), "architectures"), "stablelm",
       87'168},
      // 12,800 + 100 + 2 · (4 · (64² + 64) + 2 · 64 · 256 + 256 + 64 + 2 · 64) + 128
      {R"({"model_type": "phi-msft", "n_embd": 64, "n_layer": 2, "n_head": 4, "n_inner": null, "vocab_size": 100,
           "torch_dtype": "bfloat16"})",
       "phi", 112'740},
      {R"({"architectures": ["MixFormerSequentialForCausalLM"], "model_type": "mixformer-sequential", "n_embd": 64,
           "n_layer": 2, "n_head": 4, "n_inner": null, "vocab_size": 100, "torch_dtype": "bfloat16"})",
       "phi", 112'740},
      // Mamba 2 that says mamba: inner 128, convolution over 136: see above, 2 layers, untied
      {R"({"architectures": ["Mamba2ForCausalLM"], "model_type": "mamba", "hidden_size": 64, "num_hidden_layers": 2,
           "num_heads": 8, "head_dim": 16, "n_groups": 1, "state_size": 4, "vocab_size": 100,
           "torch_dtype": "bfloat16"})",
       "mamba2", 12'800 + 2 * (17'408 + 680 + 24 + 128 + 8'192 + 64) + 64},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config);
    const Architecture architecture = architecture_of(c.config);
    CHECK(architecture.family == c.family);
    CHECK(parameters(architecture) == c.parameters);
  }
  CHECK(
      architecture_of(R"({"model_type": "deepseek_ref", "architectures": ["DeepseekV4ForCausalLM"],
    "hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4, "head_dim": 16, "q_lora_rank": 16,
    "o_groups": 2, "o_lora_rank": 8, "compress_ratios": [0], "index_n_heads": 2, "index_head_dim": 8,
    "index_topk": 8, "sliding_window": 16, "hc_mult": 2, "n_routed_experts": 4, "num_experts_per_tok": 2,
    "moe_intermediate_size": 32, "vocab_size": 100, "torch_dtype": "bfloat16"})")
          .family == "deepseek_v4");
}
