// Families that are not known are computed as a generic decoder where all of their keys are
// understood, and refused where they are not; what stands in a config without being counted is
// always said.
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
const std::string kNovel = R"({"architectures": ["NovelForCausalLM"], "model_type": "novel",
  "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
  "intermediate_size": 128, "vocab_size": 100, "max_position_embeddings": 512,
  "torch_dtype": "bfloat16", "tie_word_embeddings": false})";
constexpr double kTables = 2 * 6400 + 64;
constexpr double kAttention = 2 * 64 * 64 + 2 * 64 * 32;
constexpr double kGated = 3 * 64 * 128;
constexpr double kNorms = 2 * 64;

const std::string kMla =
    R"({"q_lora_rank": 16, "kv_lora_rank": 16, "qk_nope_head_dim": 8, "qk_rope_head_dim": 8,
  "v_head_dim": 8})";

std::string novel(const std::string& more) {
  Json json = Json::parse(kNovel);
  json.update(Json::parse(more));
  return json.dump();
}

std::string known(const std::string& name, const std::string& more) {
  return without(with(novel(more), "architectures", R"([")" + name + R"("])"), "model_type");
}

Error refusal(const std::string& config) {
  const Result<Architecture> read = read_config(Json::parse(config), "/model/config");
  REQUIRE_FALSE(read.ok());
  return read.error();
}

double parameters(const std::string& config) {
  return count_parameters(architecture_of(config)).total();
}

const Note* note_of(const Architecture& architecture, const std::string& code) {
  const auto& notes = architecture.notes;
  const auto found = std::find_if(notes.begin(), notes.end(),
                                  [&code](const Note& note) { return note.code == code; });
  return found == notes.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("whether the head of an unknown family is tied is never decided in silence") {
  const Architecture silent = architecture_of(without(kNovel, "tie_word_embeddings"));
  CHECK_FALSE(silent.tied_embeddings);
  const Note* note = note_of(silent, "head_assumed");
  REQUIRE(note != nullptr);
  CHECK(note->message ==
        "The config does not say whether the head is the embedding table (tie_word_embeddings): "
        "one of its own is counted");
}

TEST_CASE("a family that is not known, but all of whose keys are, is a generic decoder") {
  const Architecture architecture = architecture_of(kNovel);
  CHECK(architecture.family == "generic");
  CHECK(architecture.architecture == "NovelForCausalLM");
  CHECK(count_parameters(architecture).total() == 2 * (kAttention + kGated + kNorms) + kTables);
  // 2 layers · 2 · 2 · 16 · 2 bytes
  CHECK(kv_bytes_per_token(architecture, DType::kBf16).all == 256);
  REQUIRE(architecture.notes.size() == 1);
  CHECK(architecture.notes[0].code == "generic_decoder");
  CHECK(architecture.notes[0].message ==
        "\"NovelForCausalLM\" is not a known family: it is computed as a generic decoder, in "
        "layers of attention "
        "and a gated FFN as its keys say");
  CHECK(architecture.notes[0].params == Params{{"found", "NovelForCausalLM"}});
  // Without a class its type is named.
  const Architecture typed = architecture_of(without(kNovel, "architectures"));
  CHECK(typed.notes.at(0).params == Params{{"found", "novel"}});
}

TEST_CASE("the generic decoder counts what keys of other families say") {
  struct Case {
    const char* more;
    double more_parameters;
  };
  const double experts = 4 * 3 * 64 * 32 + 64 * 4;
  const std::vector<Case> cases = {
      {"{}", 0},
      {R"({"attention_bias": true})", 2 * (64 + 32 + 32 + 64)},
      {R"({"qkv_bias": true})", 2 * (64 + 32 + 32)},
      {R"({"mlp_bias": true})", 2 * (128 + 128 + 64)},
      {R"({"use_qk_norm": true})", 2 * 2 * 16},
      {R"({"head_dim": 32})", 2 * kAttention},
      {R"({"tie_word_embeddings": true})", -6400},
      {R"({"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32})",
       2 * (experts - kGated)},
      {R"({"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "n_shared_experts": 1})",
       2 * (experts + 3 * 64 * 32 - kGated)},
      {R"({"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
           "shared_expert_intermediate_size": 48})",
       2 * (experts + 3 * 64 * 48 - kGated)},
      {R"({"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "first_k_dense_replace": 1})",
       experts - kGated},
      {R"({"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "decoder_sparse_step": 2})",
       experts - kGated},
      {R"({"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "topk_method": "noaux_tc"})",
       2 * (experts + 4 - kGated)},
      {R"({"num_local_experts": 4, "num_experts_per_tok": 2})", 2 * (3 * kGated + 64 * 4)},
      {R"({"num_local_experts": 1})", 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.more);
    const Architecture architecture = architecture_of(novel(c.more));
    CHECK(count_parameters(architecture).total() - parameters(kNovel) == c.more_parameters);
    CHECK(note_of(architecture, "generic_decoder") != nullptr);
    CHECK(architecture.notes.size() == 1);
  }
  // MLA: q 64 · 16 + 16 + 16 · 64, kv 64 · 24 + 16 + 16 · 64, o 32 · 64
  const Architecture latent = architecture_of(novel(kMla));
  CHECK(attention_name(latent) == "mla");
  CHECK(count_parameters(latent).total() ==
        2 * (1'024 + 16 + 1'024 + 1'536 + 16 + 1'024 + 2'048 + kGated + kNorms) + kTables);
  CHECK(kv_bytes_per_token(latent, DType::kBf16).all == 2 * 24 * 2);
  // Windows, by layer or for all
  const auto growing = [](const std::string& more) {
    return kv_bytes_per_token(architecture_of(novel(more)), DType::kBf16).growing;
  };
  CHECK(growing(R"({"sliding_window": 64})") == 0);
  CHECK(growing(R"({"sliding_window": 64, "use_sliding_window": false})") == 256);
  CHECK(growing(
            R"({"sliding_window": 64, "layer_types": ["full_attention", "sliding_attention"]})") ==
        128);
  // MTP layers are listed apart.
  const Architecture drafts = architecture_of(novel(R"({"num_nextn_predict_layers": 1})"));
  CHECK(count_mtp_parameters(drafts) == kAttention + kGated + kNorms + 2 * 64 * 64 + 3 * 64);
}

TEST_CASE("keys of a family that is not known are refused where they are not understood") {
  const Error error = refusal(novel(R"({"mixer_rank": 7, "memory_layers": [0, 1]})"));
  CHECK(error.code == "unsupported_architecture");
  CHECK(error.path == "/model/config/memory_layers");
  CHECK(error.message ==
        "\"NovelForCausalLM\" is not a known family, and these keys of it are not understood: "
        "memory_layers, "
        "mixer_rank");
  CHECK(error.hint ==
        "if they change neither layers nor sizes, remove them: it is then computed as a generic "
        "decoder");
  CHECK(error.params ==
        Params{{"found", "NovelForCausalLM"}, {"keys", "memory_layers, mixer_rank"}});
  // As the hint says:
  CHECK(architecture_of(kNovel).family == "generic");
  // Six are named, of however many.
  const Error many =
      refusal(novel(R"({"k_a": 2, "k_b": 2, "k_c": 2, "k_d": 2, "k_e": 2, "k_f": 2, "k_g": 2})"));
  CHECK(many.params.back().second == "k_a, k_b, k_c, k_d, k_e, k_f, and 1 more");
  // In a section, the path leads into it.
  const std::string nested =
      R"({"architectures": ["NovelForConditionalGeneration"], "text_config": )" +
      without(novel(R"({"mixer_rank": 7})"), "architectures") + "}";
  CHECK(refusal(nested).path == "/model/config/text_config/mixer_rank");
  // Of a family that is known, the same keys are no reason to refuse.
  CHECK(parameters(known("LlamaForCausalLM", R"({"mixer_rank": 7})")) == parameters(kNovel));
}

TEST_CASE("keys that change nothing which is counted are understood") {
  for (
      const char* more :
      {R"({"rope_theta": 1e6, "rope_scaling": {"type": "yarn"}, "partial_rotary_factor": 0.5})",
       R"({"hidden_act": "silu", "rms_norm_eps": 1e-6, "initializer_range": 0.02})",
       R"({"attention_dropout": 0.0, "router_aux_loss_coef": 0.001, "use_cache": true})",
       R"({"bos_token_id": 1, "eos_token_id": [2, 3], "pad_token_id": null})",
       R"({"auto_map": {"AutoConfig": "x.Y"}, "transformers_version": "5.0", "_name_or_path": "novel/novel"})",
       R"({"temperature": 0.6, "top_k": 20, "top_p": 0.95, "do_sample": true, "max_length": 20})",
       R"({"use_novelty": false})", R"({"vision_feature_layer": -1, "image_token_id": 5})"}) {
    CAPTURE(more);
    CHECK(parameters(novel(more)) == parameters(kNovel));
    CHECK(architecture_of(novel(more)).notes.size() == 1);
  }
}

TEST_CASE("a section of a family that is not known is read like the whole") {
  const std::string inner = without(kNovel, "architectures");
  const Architecture nested = architecture_of(
      R"({"architectures": ["NovelForConditionalGeneration"], "model_type": "novel_vl", "text_config": )" +
      inner + R"(, "vision_config": {"hidden_size": 8}})");
  CHECK(nested.family == "generic");
  CHECK(count_parameters(nested).total() == parameters(kNovel));
  CHECK(note_of(nested, "generic_decoder")->params ==
        Params{{"found", "NovelForConditionalGeneration"}});
  // What sees is named, not counted.
  REQUIRE(note_of(nested, "tower_not_counted") != nullptr);
  CHECK(nested.towers.at(0).kind == "vision");
  CHECK_FALSE(nested.towers.at(0).counted);
}

TEST_CASE("a wrapper that is not known is read for the language model it names") {
  const std::string inner = with(without(kNovel, "architectures"), "model_type", R"("llama")");
  const Architecture wrapped = architecture_of(
      R"({"architectures": ["NovelForConditionalGeneration"], "model_type": "novel_vl", "text_config": )" +
      inner + "}");
  CHECK(wrapped.family == "llama");
  CHECK(wrapped.architecture == "NovelForConditionalGeneration");
  REQUIRE(wrapped.notes.size() == 1);
  CHECK(wrapped.notes[0].code == "wrapper_not_known");
  CHECK(wrapped.notes[0].message ==
        "\"NovelForConditionalGeneration\" is not known: its language model is read as llama, and "
        "what stands "
        "beside it is not counted");
  CHECK(wrapped.notes[0].params ==
        Params{{"found", "NovelForConditionalGeneration"}, {"family", "llama"}});
  // By the class inside as well.
  const std::string classed = R"({"model_type": "novel_vl", "llm_config": )" +
                              with(kNovel, "architectures", R"(["Qwen2ForCausalLM"])") + "}";
  CHECK(architecture_of(classed).family == "qwen2");
  CHECK(note_of(architecture_of(classed), "wrapper_not_known") != nullptr);
}

TEST_CASE("a class that is not known is read as its model_type") {
  const Architecture architecture = architecture_of(with(kNovel, "model_type", R"("qwen2")"));
  CHECK(architecture.family == "qwen2");
  // With the biases of q, k and v that Qwen 2 has
  CHECK(count_parameters(architecture).total() == parameters(kNovel) + 2 * (64 + 32 + 32));
  REQUIRE(architecture.notes.size() == 1);
  CHECK(architecture.notes[0].code == "class_not_known");
  CHECK(architecture.notes[0].message ==
        "\"NovelForCausalLM\" is not known: it is read as qwen2, its model_type");
  CHECK(architecture.notes[0].params == Params{{"found", "NovelForCausalLM"}, {"family", "qwen2"}});
}

TEST_CASE("misspelled keys are told of, with the nearest that is known") {
  struct Case {
    const char* config;
    const char* written;
    const char* meant;
  };
  const std::vector<Case> cases = {
      {"LlamaForCausalLM", "num_key_value_head", "num_key_value_heads"},
      {"LlamaForCausalLM", "num_key_values_heads", "num_key_value_heads"},
      {"LlamaForCausalLM", "num_kv_head", "num_kv_heads"},
      {"LlamaForCausalLM", "tie_word_embedings", "tie_word_embeddings"},
      {"LlamaForCausalLM", "max_positon_embeddings", "max_position_embeddings"},
      {"LlamaForCausalLM", "atention_bias", "attention_bias"},
      {"MistralForCausalLM", "sliding_windw", "sliding_window"},
      {"Qwen2ForCausalLM", "use_sliding_windows", "use_sliding_window"},
      {"Qwen2ForCausalLM", "layers_types", "layer_types"},
      {"Qwen2ForCausalLM", "quantisation_config", "quantization_config"},
      {"NovelForCausalLM", "num_key_value_head", "num_key_value_heads"},
      {"NovelForCausalLM", "num_expert", "num_experts"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.config, c.written);
    const std::string config = with(without(known(c.config, "{}"), c.meant), c.written, "2");
    const Architecture architecture = architecture_of(config);
    const Note* note = note_of(architecture, "unknown_field");
    REQUIRE(note != nullptr);
    CHECK(note->message == "\"" + std::string(c.written) +
                               "\" is not a known field: did you mean \"" + c.meant +
                               "\"? It is ignored");
    CHECK(note->params == Params{{"field", c.written},
                                 {"nearest", c.meant},
                                 {"path", "/" + std::string(c.written)}});
  }
  // Where the config has what a word may have meant, it was not meant.
  CHECK(note_of(architecture_of(with(known("LlamaForCausalLM", "{}"), "num_key_value_head", "2")),
                "unknown_field") == nullptr);
  // Words that are near to nothing, or too short to say, are not.
  for (const char* written : {"novelty", "heads", "num_mixers", "layers"}) {
    CAPTURE(written);
    CHECK(note_of(architecture_of(with(known("LlamaForCausalLM", "{}"), written, "2")),
                  "unknown_field") == nullptr);
  }
  // A required key that is misspelled is an error that names what stands there.
  const Error error = refusal(with(without(known("LlamaForCausalLM", "{}"), "num_attention_heads"),
                                   "num_atention_heads", "4"));
  CHECK(error.code == "missing_field");
  CHECK(error.message == "num_attention_heads is missing");
  CHECK(error.hint ==
        "the config has \"num_atention_heads\": did you mean \"num_attention_heads\"?");
}

TEST_CASE("no model is multi-head in silence") {
  // KV heads that are left out, null or misspelled: as many as heads, and said.
  const std::string silent = without(kNovel, "num_key_value_heads");
  for (const char* name :
       {"NovelForCausalLM", "LlamaForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM",
        "Phi3ForCausalLM", "OlmoForCausalLM", "InternLM2ForCausalLM", "CohereForCausalLM"}) {
    CAPTURE(name);
    const std::string config =
        without(with(silent, "architectures", R"([")" + std::string(name) + R"("])"), "model_type");
    for (const std::string& variant : {config, with(config, "num_key_value_heads", "null"),
                                       with(config, "num_key_value_head", "2")}) {
      const Architecture architecture = architecture_of(variant);
      CHECK(attention_name(architecture) == "mha");
      const Note* note = note_of(architecture, "multi_head_assumed");
      REQUIRE(note != nullptr);
      CHECK(
          note->message ==
          "The config does not give num_key_value_heads: each of 4 heads keeps K and V of its own");
    }
  }
  // Where the class has fewer by default, they are taken, and said.
  const Architecture mistral =
      architecture_of(with(without(known("MistralForCausalLM", "{}"), "num_key_value_heads"),
                           "num_attention_heads", "16"));
  CHECK(attention_name(mistral) == "gqa");
  REQUIRE(note_of(mistral, "family_defaults") != nullptr);
  CHECK(note_of(mistral, "family_defaults")->message ==
        "The config leaves out what its family takes for granted: num_key_value_heads 8");
  // KV heads that do not divide the heads are a contradiction wherever they stand.
  struct Case {
    const char* what;
    std::string config;
  };
  const std::vector<Case> cases = {
      {"Zamba2", known("Zamba2ForCausalLM", R"({"num_key_value_heads": 3, "n_mamba_heads": 8,
        "layers_block_type": ["mamba", "hybrid"]})")},
      {"DeciLM, for each layer",
       known("DeciLMForCausalLM", R"({"num_key_value_heads_per_layer": [2, 3]})")},
      {"OpenELM, for each layer",
       known("OpenELMForCausalLM", R"({"head_dim": 16, "num_query_heads": [4, 4],
        "num_kv_heads": [2, 3]})")},
      {"MPT", known("MPTForCausalLM", R"({"attn_config": {"kv_n_heads": 3}})")},
      {"MiMo-V2, sliding layers",
       known("MiMoV2ForCausalLM", R"({"swa_num_key_value_heads": 3, "num_experts": 4,
        "num_experts_per_tok": 2, "moe_intermediate_size": 32})")},
      {"Step-3.5",
       known("Step3p5ForCausalLM", R"({"num_attention_groups": 3, "head_dim": 16, "num_experts": 4,
        "num_experts_per_tok": 2, "moe_intermediate_size": 32})")},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const Error error = refusal(c.config);
    CHECK(error.code == "inconsistent_config");
    CHECK(error.message == "4 attention heads cannot share 3 KV heads evenly");
  }
}

TEST_CASE("no model with experts is dense in silence") {
  // A family that has none is not what the config is of.
  for (const char* name :
       {"LlamaForCausalLM", "Qwen2ForCausalLM", "Gemma2ForCausalLM", "MistralForCausalLM"}) {
    CAPTURE(name);
    for (const char* field :
         {"num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"}) {
      const std::string config = with(known(name, R"({"num_experts_per_tok": 2})"), field, "8");
      const Error error = refusal(config);
      const std::string family = architecture_of(known(name, "{}")).family;
      CHECK(error.code == "unsupported_architecture");
      CHECK(error.path == "/model/config/" + std::string(field));
      CHECK(error.message == "\"" + std::string(field) + "\" is not a part of the family " +
                                 family + " as it is known: the model would be counted without it");
      CHECK(error.hint ==
            "check architectures and model_type: they name another family than the other keys");
      // One expert or none is a dense FFN.
      CHECK(parameters(with(config, field, "1")) == parameters(known(name, "{}")));
      CHECK(parameters(with(config, field, "0")) == parameters(known(name, "{}")));
    }
  }
  // A family that is not known counts them, or says what it lacks.
  const Error error = refusal(novel(R"({"num_experts": 8})"));
  CHECK(error.code == "unsupported_architecture");
  CHECK(error.path == "/model/config/num_experts_per_tok");
  CHECK(error.message ==
        "\"NovelForCausalLM\" is not a known family, and does not read as a generic decoder: "
        "num_experts_per_tok is missing");
  CHECK(error.hint == "nothing needs to change in the config: this model is not supported yet");
}

TEST_CASE("no other part of a model is left out in silence") {
  const std::vector<std::pair<const char*, const char*>> large = {
      {"kv_lora_rank", "512"},
      {"hybrid_override_pattern", R"("M*M*")"},
      {"layers_block_type", R"(["mamba", "attention"])"},
      {"block_configs", R"([{"attention": {"no_op": true}}])"},
      {"linear_attn_config", R"({"kda_layers": [1]})"},
      {"compress_ratios", "[0, 4]"},
  };
  for (const auto& [field, value] : large) {
    CAPTURE(field);
    CHECK(refusal(with(known("LlamaForCausalLM", "{}"), field, value)).message ==
          "\"" + std::string(field) +
              "\" is not a part of the family llama as it is known: the model would be "
              "counted without it");
    // A family that is not known reads it, or is refused.
    const Result<Architecture> read = read_config(Json::parse(with(kNovel, field, value)), "");
    CHECK((!read.ok() && read.error().code == "unsupported_architecture"));
  }
  // Smaller parts are said to be missing from the count.
  const std::vector<std::pair<const char*, const char*>> small = {
      {"attn_type_list", "[0, 1]"},
      {"sparse_attention_config", R"({"sparse_attention_freq": [0, 1]})"},
      {"index_topk", "2048"},
      {"cross_attention_layers", "[1]"},
  };
  for (const auto& [field, value] : small) {
    for (const std::string& config : {known("LlamaForCausalLM", "{}"), kNovel}) {
      CAPTURE(field, config);
      const Architecture architecture = architecture_of(with(config, field, value));
      const Note* note = note_of(architecture, "part_not_counted");
      REQUIRE(note != nullptr);
      CHECK(note->message == "\"" + std::string(field) + "\" is not a part of the family " +
                                 architecture.family + " as it is known: it is not counted");
      CHECK(note->params == Params{{"field", field}, {"family", architecture.family}});
    }
  }
  // What is switched off, or empty, is no part.
  CHECK(parameters(known("LlamaForCausalLM",
                         R"({"kv_lora_rank": null, "block_configs": [], "index_topk": 0})")) ==
        parameters(kNovel));
  // Layers of another kind than attention are refused by name, or by the keys that describe them.
  CHECK(refusal(novel(R"({"layer_types": ["full_attention", "linear_attention"]})")).message ==
        "\"NovelForCausalLM\" is not a known family, and does not read as a generic decoder: "
        "layer_types names "
        "\"linear_attention\", which this family does not have");
  CHECK(refusal(novel(R"({"mamba_d_state": 16, "mamba_expand": 2})")).code ==
        "unsupported_architecture");
}

TEST_CASE("a part that a family has, but a model does not use, is no other family's") {
  // Classes write their defaults: a Nemotron-H whose layers are Mamba, attention and FFNs states
  // experts all the same.
  const std::string nemotron =
      known("NemotronHForCausalLM", R"({"hybrid_override_pattern": "-*", "head_dim": 16,
    "n_routed_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 7688})");
  CHECK(parameters(nemotron) == 2 * 64 * 128 + kAttention + 2 * 64 + kTables);
  const std::string gemma = known("Gemma4ForCausalLM", R"({"head_dim": 16, "global_head_dim": 16,
    "enable_moe_block": false, "num_experts": 8, "top_k_experts": 2})");
  CHECK(parameters(gemma) == parameters(without(without(gemma, "num_experts"), "top_k_experts")));
}

TEST_CASE("words of encoders inside other words refuse no decoder") {
  for (const char* name : {"GravityMoEForCausalLM", "EclipseForCausalLM", "EmbarkForCausalLM"}) {
    CAPTURE(name);
    const std::string config =
        without(with(kNovel, "architectures", R"([")" + std::string(name) + R"("])"), "model_type");
    CHECK(architecture_of(config).family == "generic");
  }
  CHECK(refusal(with(kNovel, "architectures", R"(["MobileViTModel"])")).code == "not_a_decoder");
  CHECK(refusal(with(kNovel, "architectures", R"(["MT5EncoderModel"])")).code == "not_a_decoder");
  CHECK(refusal(with(kNovel, "architectures", R"(["XLMRobertaModel"])")).code == "not_a_decoder");
}
