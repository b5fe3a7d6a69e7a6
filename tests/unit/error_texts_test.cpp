// Every kind of broken input that people paste, and what they are told: what is wrong, where, and
// what to do.
#include "base/json_reader.h"
#include "base/relaxed_json.h"
#include "catch.h"
#include "model/config.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

const std::string kPasteWhole = "paste the whole config.json, from its first { to its last }";
const std::string kAsPublished = "paste the config as the model's repository has it";
const std::string kWriteObject = "write an object: { … }";
const std::string kWhole = "write a whole number without quotes";
const std::string kTrueOrFalse = "write true or false without quotes";
const std::string kQuotes = "write the text in double quotes";
const std::string kLarger = "write a larger number";
const std::string kSmaller = "write a smaller number";
const std::string kEmpty = "The text is empty";
const std::string kTruncated = "The text ends before the JSON is complete";

/// Where the config stands in a request.
const std::string kPath = "/model/config";

struct Expected {
  std::string code, path, message, hint;
};

void check(const Error& error, const Expected& expected) {
  CHECK(error.code == expected.code);
  CHECK(error.path == expected.path);
  CHECK(error.message == expected.message);
  CHECK(error.hint == expected.hint);
}

Error pasted(const std::string& text) {
  const Result<Architecture> read = read_pasted_config(text, 0, kPath);
  REQUIRE_FALSE(read.ok());
  return read.error();
}

Error refusal(const Json& config) {
  const Result<Architecture> read = read_config(config, kPath);
  REQUIRE_FALSE(read.ok());
  return read.error();
}

/// A small Llama with other fields; value is JSON text.
const std::string kSmall = R"({"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
  "num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 100,
  "max_position_embeddings": 512, "torch_dtype": "bfloat16"})";

Json small(const std::string& name, const std::string& more = "{}") {
  Json json = Json::parse(kSmall);
  json["architectures"] = {name};
  json.update(Json::parse(more));
  return json;
}

struct Field {
  const char* field;
  const char* value;
  Expected expected;  ///< path is below the config
};

void check_fields(const std::string& name, const std::vector<Field>& cases) {
  for (const Field& c : cases) {
    CAPTURE(name, c.field, c.value);
    Json config = small(name);
    config[c.field] = Json::parse(c.value);
    Expected expected = c.expected;
    expected.path = kPath + expected.path;
    check(refusal(config), expected);
  }
}

struct Config {
  const char* name;
  std::string more;
  Expected expected;
};

void check_configs(const std::vector<Config>& cases) {
  for (const Config& c : cases) {
    CAPTURE(c.name, c.more);
    Expected expected = c.expected;
    expected.path = kPath + expected.path;
    check(refusal(small(c.name, c.more)), expected);
  }
}

const std::string kMoe =
    R"("num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32)";
const std::string kMla = R"("q_lora_rank": 16, "kv_lora_rank": 16, "qk_nope_head_dim": 8,
  "qk_rope_head_dim": 8, "v_head_dim": 8)";

}  // namespace

TEST_CASE("errors: texts that are no JSON, strict or loose") {
  struct Case {
    std::string text;
    std::string message;
  };
  const auto at = [](int line, int column, const std::string& found) {
    return "Not valid JSON at line " + std::to_string(line) + ", column " + std::to_string(column) +
           ": unexpected " + found;
  };
  const std::vector<Case> cases = {
      {"", kEmpty},
      {"  \r\n\t ", kEmpty},
      {"\xEF\xBB\xBF", kEmpty},
      {R"({"a": 1)", kTruncated},
      {R"({"a": [1, 2)", kTruncated},
      {R"({"a": "x)", kTruncated},
      {R"({"a":)", kTruncated},
      {"{", kTruncated},
      {"[1, 2,", kTruncated},
      {"config = {'a': (1, 2", kTruncated},
      {R"({"a": 1,, "b": 2})", at(1, 9, "\",\"")},
      {R"({"a" 1})", at(1, 6, "\"1\"")},
      {R"({"a": 1 "b": 2})", at(1, 9, "\"\"\"")},
      {"{'a': 1 'b': 2}", at(1, 9, "\"'\"")},
      {"{a: 1}", at(1, 2, "\"a\"")},
      {"{1: 2}", at(1, 2, "\"1\"")},
      {"{null: 1}", at(1, 2, "\"null\"")},
      {"{`a`: 1}", at(1, 2, "\"`\"")},
      {"{“a”: 1}", at(1, 2, "\"“\"")},
      {"{\"a\": \"x\n}", at(1, 9, "a control character")},
      {R"({"a": "\uZZZZ"})", at(1, 9, "\"uZZZZ\"")},
      {R"({"a": 1; "b": 2})", at(1, 8, "\";\"")},
      {R"({"a": , "b": 1})", at(1, 7, "\",\"")},
      {R"({"a": })", at(1, 7, "\"}\"")},
      {R"({"a": [1, 2})", at(1, 12, "\"}\"")},
      {"{'a': (1, 2]}", at(1, 12, "\"]\"")},
      {R"({"a": 0x10})", at(1, 7, "\"0x10\"")},
      {R"({"a": 1 + 1})", at(1, 9, "\"+\"")},
      {R"({"a": 4096 / 32})", at(1, 12, "\"/\"")},
      {R"({"a": undefined})", at(1, 7, "\"undefined\"")},
      {R"({"a": f"x"})", at(1, 7, "\"f\"")},
      {"{'a': print(1)}", at(1, 7, "\"print\"")},
      {"{'a': float('many')}", at(1, 7, "\"float\"")},
      {"LlamaConfig(hidden_size=4096)", at(1, 1, "\"LlamaConfig\"")},
      {"<!DOCTYPE html><html></html>", at(1, 1, "\"<\"")},
      {"https://huggingface.co/Qwen/Qwen3-8B", at(1, 1, "\"https\"")},
      {"hidden_size: 4096\nnum_hidden_layers: 32", at(1, 1, "\"hidden_size\"")},
      {"no braces at all", at(1, 1, "\"no\"")},
      // Lines and columns count as an editor does: characters, not bytes.
      {"{\n  \"hidden_size\": 64,\n  \"名前\": \"x\" 2\n}", at(3, 13, "\"2\"")},
      {"{\r\n  \"a\": 1\r\n  \"b\": 2\r\n}", at(3, 3, "\"\"\"")},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    check(pasted(c.text), {"invalid_json", kPath, c.message, kPasteWhole});
  }
}

TEST_CASE("errors: texts that are too much") {
  // 4,000,001 bytes
  check(pasted(std::string(kMaxConfigBytes + 1, ' ')),
        {"text_too_large", kPath, "The text is 4 MB long; at most 4 MB are read",
         "paste only the config.json, not weights or an index of them"});
  check(pasted(R"({"a": ")" + std::string(5'000'000, 'x') + "\"}"),
        {"text_too_large", kPath, "The text is 5.00001 MB long; at most 4 MB are read",
         "paste only the config.json, not weights or an index of them"});
  const Expected deep = {"invalid_json", kPath, "The text nests deeper than 64 levels",
                         "paste a config.json: it nests four levels or so"};
  check(pasted(std::string(65, '[') + std::string(65, ']')), deep);
  std::string objects;
  for (int i = 0; i < 65; ++i) objects += R"({"a":)";
  check(pasted(objects + "1" + std::string(65, '}')), deep);
  check(pasted(R"({"a": 1e999})"),
        {"invalid_json", kPath, "The text has a number too large to be stored",
         "write numbers below 1e308"});
  check(pasted("{\"a\": \"\xC3\x28\"}"), {"invalid_json", kPath, "The text is not UTF-8",
                                          "save the file as UTF-8, or paste its text"});
  // Sixty-four levels are read.
  CHECK(read_pasted(std::string(64, '[') + std::string(64, ']')).ok());
}

TEST_CASE("errors: texts that are JSON, but no config") {
  struct Case {
    const char* text;
    Expected expected;
  };
  const std::string nameless =
      "The config names no model: architectures and model_type are missing";
  const std::string whole = "paste the whole config.json, as the model's repository has it";
  const std::vector<Case> cases = {
      {"null", {"wrong_type", "", "Expected an object, found null", kWriteObject}},
      {"42", {"wrong_type", "", "Expected an object, found 42", kWriteObject}},
      {R"("Qwen/Qwen3-8B")",
       {"wrong_type", "", "Expected an object, found \"Qwen/Qwen3-8B\"", kWriteObject}},
      {R"([{"hidden_size": 64}])",
       {"wrong_type", "", "Expected an object, found a list", kWriteObject}},
      {"{}", {"missing_field", "/architectures", nameless, whole}},
      {R"({"hidden_size": 4096})", {"missing_field", "/architectures", nameless, whole}},
      // An index of weights, a tokenizer's config, generation settings
      {R"({"metadata": {"total_size": 1}, "weight_map": {"a": "b"}})",
       {"missing_field", "/architectures", nameless, whole}},
      {R"({"tokenizer_class": "Qwen2Tokenizer"})",
       {"missing_field", "/architectures", nameless, whole}},
      {R"({"do_sample": true, "eos_token_id": [1, 2]})",
       {"missing_field", "/architectures", nameless, whole}},
      {R"({"architectures": "LlamaForCausalLM"})",
       {"wrong_type", "/architectures", "architectures must be a list of class names",
        "write [\"LlamaForCausalLM\"]"}},
      {R"({"architectures": [7]})",
       {"wrong_type", "/architectures", "architectures must be a list of class names",
        "write [\"LlamaForCausalLM\"]"}},
      {R"({"architectures": {}})",
       {"wrong_type", "/architectures", "architectures must be a list of class names",
        "write [\"LlamaForCausalLM\"]"}},
      {R"({"model_type": 3})",
       {"wrong_type", "/model_type", "model_type must be text, found 3", kQuotes}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    Expected expected = c.expected;
    expected.path = kPath + expected.path;
    check(pasted(c.text), expected);
  }
  const std::string both = "Small\n" + small("LlamaForCausalLM").dump() + "\nLarge\n" + kQwen25_32B;
  check(pasted(both), {"several_configs", kPath, "The text holds 2 configs",
                       "choose one of them, or paste only that one"});
  CHECK(pasted(both).params == Params{{"count", "2"}, {"titles", "Small\nLarge"}});
  // Without a heading a config is called after its class, without a class by its number.
  CHECK(pasted(kQwen25_32B + kSmall).params.back().second == "Qwen2ForCausalLM\n2");
}

TEST_CASE("errors: values of a wrong type") {
  const auto whole = [](const std::string& found) {
    return Expected{"wrong_type", "/hidden_size",
                    "hidden_size must be a whole number, found " + found, kWhole};
  };
  check_fields(
      "LlamaForCausalLM",
      {
          {"hidden_size", R"("wide")", whole("\"wide\"")},
          {"hidden_size", R"("4096 wide")", whole("\"4096 wide\"")},
          {"hidden_size", R"("")", whole("\"\"")},
          {"hidden_size", "true", whole("true")},
          {"hidden_size", "[64]", whole("a list")},
          {"hidden_size", "{}", whole("an object")},
          {"hidden_size", "64.5", whole("64.5")},
          {"num_key_value_heads",
           R"("all")",
           {"wrong_type", "/num_key_value_heads",
            "num_key_value_heads must be a whole number, found \"all\"", kWhole}},
          {"tie_word_embeddings",
           R"("no")",
           {"wrong_type", "/tie_word_embeddings",
            "tie_word_embeddings must be true or false, found \"no\"", kTrueOrFalse}},
          {"tie_word_embeddings",
           "2",
           {"wrong_type", "/tie_word_embeddings",
            "tie_word_embeddings must be true or false, found 2", kTrueOrFalse}},
          {"attention_bias",
           "[]",
           {"wrong_type", "/attention_bias", "attention_bias must be true or false, found a list",
            kTrueOrFalse}},
          {"torch_dtype",
           "16",
           {"wrong_type", "/torch_dtype", "torch_dtype must be text, found 16", kQuotes}},
          {"layer_types",
           R"("full_attention")",
           {"wrong_type", "/layer_types",
            "layer_types must be a list of names, found \"full_attention\"", kAsPublished}},
          {"layer_types",
           "[1, 2]",
           {"wrong_type", "/layer_types", "layer_types must be a list of names, found a list",
            kAsPublished}},
          {"quantization_config",
           R"("fp8")",
           {"wrong_type", "/quantization_config",
            "quantization_config must be an object, found \"fp8\"", kWriteObject}},
          // Long values are cut, at a character.
          {"torch_dtype",
           R"({"a": 1})",
           {"wrong_type", "/torch_dtype", "torch_dtype must be text, found an object", kQuotes}},
          {"hidden_size", R"("wide wide wide wide wide wide wide wide wide")",
           whole("\"wide wide wide wide wide wide wide wide …\"")},
      });
  check_fields("Lfm2ForCausalLM",
               {
                   {"full_attn_idxs",
                    "1",
                    {"wrong_type", "/full_attn_idxs",
                     "full_attn_idxs must be a list of whole numbers, found 1", kAsPublished}},
                   {"full_attn_idxs",
                    R"([0, "a"])",
                    {"wrong_type", "/full_attn_idxs/1",
                     "full_attn_idxs must be a whole number, found \"a\"", kWhole}},
               });
  check_configs({
      {"DbrxForCausalLM",
       R"({"attn_config": 3})",
       {"wrong_type", "/attn_config", "attn_config must be an object, found 3", kWriteObject}},
      {"DeciLMForCausalLM",
       R"({"block_configs": {}})",
       {"wrong_type", "/block_configs", "block_configs must be a list of one object for each layer",
        kAsPublished}},
      {"DeciLMForCausalLM",
       R"({"block_configs": [3]})",
       {"wrong_type", "/block_configs/0", "block_configs/0 must be an object, found 3",
        "write an object without quotes"}},
      {"OpenELMForCausalLM",
       R"({"head_dim": 16, "num_query_heads": [4, 4], "num_kv_heads": [2, 2],
        "ffn_multipliers": [1]})",
       {"wrong_type", "/ffn_multipliers",
        "ffn_multipliers must be a list of numbers, one for each layer", kAsPublished}},
      {"Qwen3MoeForCausalLM",
       R"({"mlp_only_layers": "1", )" + kMoe + "}",
       {"wrong_type", "/mlp_only_layers",
        "mlp_only_layers must be a list of layer numbers from 0 to 1",
        "write [] when every layer has experts"}},
      {"Qwen3MoeForCausalLM",
       R"({"mlp_only_layers": [2], )" + kMoe + "}",
       {"wrong_type", "/mlp_only_layers",
        "mlp_only_layers must be a list of layer numbers from 0 to 1",
        "write [] when every layer has experts"}},
  });
}

TEST_CASE("errors: sizes that no model has") {
  const auto range = [](const std::string& field, const std::string& found,
                        const std::string& minimum, const std::string& maximum,
                        const std::string& hint) {
    return Expected{"out_of_range", "/" + field,
                    field + " is " + found + "; it must be from " + minimum + " to " + maximum,
                    hint};
  };
  check_fields(
      "LlamaForCausalLM",
      {
          {"hidden_size", "0", range("hidden_size", "0", "1", "262144", kLarger)},
          {"hidden_size", "-4096", range("hidden_size", "-4096", "1", "262144", kLarger)},
          {"hidden_size", R"("0")", range("hidden_size", "0", "1", "262144", kLarger)},
          {"hidden_size", "262145", range("hidden_size", "262145", "1", "262144", kSmaller)},
          {"hidden_size", "1e30", range("hidden_size", "1e+30", "1", "262144", kSmaller)},
          {"num_hidden_layers", "0", range("num_hidden_layers", "0", "1", "4096", kLarger)},
          {"num_hidden_layers", "4097", range("num_hidden_layers", "4097", "1", "4096", kSmaller)},
          {"num_attention_heads", "16385",
           range("num_attention_heads", "16385", "1", "16384", kSmaller)},
          {"num_key_value_heads", "0", range("num_key_value_heads", "0", "1", "16384", kLarger)},
          {"head_dim", "0", range("head_dim", "0", "1", "16384", kLarger)},
          // Bounds are said with all their digits.
          {"intermediate_size", "4194305",
           range("intermediate_size", "4194305", "1", "4194304", kSmaller)},
          {"vocab_size", "16777217", range("vocab_size", "16777217", "1", "16777216", kSmaller)},
          {"max_position_embeddings", "0",
           range("max_position_embeddings", "0", "1", "1e+09", kLarger)},
          {"torch_dtype",
           R"("int8")",
           {"out_of_range", "/torch_dtype", "torch_dtype is \"int8\"",
            "known: bfloat16, float16, float32"}},
      });
  check_configs({
      {"MixtralForCausalLM", R"({"num_local_experts": -1, "num_experts_per_tok": 2})",
       range("num_local_experts", "-1", "1", "65536", kLarger)},
      {"MixtralForCausalLM", R"({"num_local_experts": 65537, "num_experts_per_tok": 2})",
       range("num_local_experts", "65537", "1", "65536", kSmaller)},
      {"Llama4ForCausalLM",
       R"({"no_rope_layers": [1, 2], )" + kMoe + "}",
       {"out_of_range", "/no_rope_layers/1", "no_rope_layers is 2; it must be from 0 to 1",
        kSmaller}},
      {"Qwen3_5ForCausalLM", R"({"mtp_num_hidden_layers": -1})",
       range("mtp_num_hidden_layers", "-1", "0", "4096", kLarger)},
  });
  // Infinity and NaN are numbers, but no sizes.
  const auto written = [](const std::string& value) {
    std::string text = small("LlamaForCausalLM").dump();
    const std::string field = "\"hidden_size\":";
    return text.replace(text.find(field + "64"), field.size() + 2, field + value);
  };
  const Expected infinite = {"out_of_range", kPath + "/hidden_size",
                             "hidden_size is Infinity; it must be from 1 to 262144", kSmaller};
  check(pasted(written("Infinity")), infinite);
  check(pasted(written("float('inf')")), infinite);
  check(pasted(written("NaN")), {"wrong_type", kPath + "/hidden_size",
                                 "hidden_size must be a whole number, found NaN", kWhole});
  // Each size is believed, but not all of them together: 262144 · 4194304 · 3 · 65536 and a little
  check(refusal(small("MixtralForCausalLM", R"({"hidden_size": 262144, "intermediate_size": 4194304,
    "num_hidden_layers": 1, "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 1, "num_local_experts": 65536,
    "num_experts_per_tok": 1})")),
        {"inconsistent_config", kPath,
         "The sizes give 2.16173e+17 parameters, more than any model has",
         "check hidden_size, intermediate_size, the number of layers and of experts"});
}

TEST_CASE("errors: fields that are missing") {
  const auto missing = [](const std::string& path) {
    const std::string field = path.substr(path.rfind('/') + 1);
    return Expected{"missing_field", path, field + " is missing", "add \"" + field + "\""};
  };
  for (const char* field : {"hidden_size", "num_hidden_layers", "num_attention_heads",
                            "intermediate_size", "vocab_size"}) {
    CAPTURE(field);
    Expected expected = missing("/" + std::string(field));
    expected.path = kPath + expected.path;
    Json config = small("LlamaForCausalLM");
    config.erase(field);
    check(refusal(config), expected);
    config[field] = nullptr;  // null is no other answer, and no misspelling
    check(refusal(config), expected);
  }
  check_configs({
      {"MixtralForCausalLM", R"({"num_experts_per_tok": 2})", missing("/num_experts")},
      {"MixtralForCausalLM", R"({"num_local_experts": 4})", missing("/num_experts_per_tok")},
      {"DeepseekV3ForCausalLM", "{" + kMoe + "}", missing("/kv_lora_rank")},
      {"DbrxForCausalLM", "{}", missing("/ffn_config/moe_num_experts")},
      {"OpenELMForCausalLM", R"({"head_dim": 16})", missing("/num_query_heads")},
      {"DeciLMForCausalLM", R"({"block_configs": [{"attention": {}, "ffn": {"ffn_mult": 1}}]})",
       missing("/block_configs/0/attention/n_heads_in_group")},
      {"DeciLMForCausalLM", R"({"block_configs": [{"attention": {"no_op": true}, "ffn": {}}]})",
       missing("/block_configs/0/ffn/intermediate_size")},
      {"MiniMaxM1ForCausalLM", "{" + kMoe + "}", missing("/attn_type_list")},
      {"DeepseekV4ForCausalLM",
       R"({"head_dim": 16, "q_lora_rank": 8, "o_groups": 2, "o_lora_rank": 4, )" + kMoe + "}",
       missing("/compress_ratios")},
      {"KimiLinearForCausalLM",
       R"({"linear_attn_config": {"head_dim": 8, "num_heads": 4,
        "short_conv_kernel_size": 4}, )" +
           kMla + "}",
       missing("/linear_attn_config/kda_layers")},
      // Switched on without saying where it starts, or how long it is
      {"Qwen2ForCausalLM", R"({"use_sliding_window": true, "sliding_window": 64})",
       missing("/max_window_layers")},
      {"Qwen2ForCausalLM", R"({"use_sliding_window": true, "max_window_layers": 1})",
       missing("/sliding_window")},
      {"LlamaForCausalLM",
       R"({"quantization_config": {"quant_method": "gptq", "group_size": 128}})",
       missing("/quantization_config/bits")},
      {"LlamaForCausalLM", R"({"quantization_config": {"quant_method": "awq", "bits": 4}})",
       missing("/quantization_config/group_size")},
      {"LlamaForCausalLM",
       R"({"quantization_config": {"quant_method": "compressed-tensors", "config_groups": {"g": {
        "targets": ["Linear"], "weights": {"type": "int"}}}}})",
       missing("/quantization_config/config_groups/g/weights/num_bits")},
      {"NemotronHForCausalLM",
       "{}",
       {"inconsistent_config", "/hybrid_override_pattern",
        "The config does not say what its layers are",
        "add hybrid_override_pattern or layers_block_type"}},
  });
  // In a section, the path leads into it.
  check(refusal(Json::parse(R"({"architectures": ["InternVLChatModel"],
    "llm_config": {"model_type": "internlm2", "hidden_size": 64}})")),
        {"missing_field", kPath + "/llm_config/vocab_size", "vocab_size is missing",
         "add \"vocab_size\""});
  // What was misspelled is named.
  const std::vector<std::pair<const char*, const char*>> spellings = {
      {"hidden_size", "hiden_size"},
      {"hidden_size", "hidden_sizes"},
      {"num_hidden_layers", "num_hiden_layers"},
      {"num_hidden_layers", "num_layer"},
      {"num_attention_heads", "num_attention_head"},
      {"intermediate_size", "intermediat_size"},
      {"vocab_size", "vocabsize"}};
  for (const auto& [field, written] : spellings) {
    CAPTURE(field, written);
    Json config = small("LlamaForCausalLM");
    config[written] = config[field];
    config.erase(field);
    const bool near =
        std::string(written) != "num_layer";  // eight letters of seventeen are no misspelling
    check(refusal(config),
          {"missing_field", kPath + "/" + field, std::string(field) + " is missing",
           near ? "the config has \"" + std::string(written) + "\": did you mean \"" + field + "\"?"
                : "add \"" + std::string(field) + "\""});
  }
}

TEST_CASE("errors: fields that contradict each other") {
  const auto kv_heads = [](const std::string& path, const std::string& kv) {
    return Expected{"inconsistent_config", path,
                    "4 attention heads cannot share " + kv + " KV heads evenly",
                    "num_key_value_heads must divide num_attention_heads"};
  };
  const auto top_k = [](const std::string& path, const std::string& k, const std::string& experts) {
    return Expected{"inconsistent_config", path,
                    "a token cannot go to " + k + " of " + experts + " experts",
                    "num_experts_per_tok must be at most the number of experts"};
  };
  const auto too_short = [](const std::string& field, const std::string& found,
                            const std::string& hint) {
    return Expected{"inconsistent_config", "/" + field,
                    field + " has " + found + " values for 2 layers", hint};
  };
  const std::string one_each = "give one for each layer";
  const std::string one_or_all = "give one for each layer, or one number for all";
  const auto kind = [](const std::string& field, const std::string& known) {
    return Expected{"out_of_range", "/" + field + "/1",
                    field + " names \"retention\", which this family does not have",
                    "known: " + known};
  };
  check_configs({
      {"LlamaForCausalLM", R"({"num_key_value_heads": 3})", kv_heads("/num_key_value_heads", "3")},
      {"LlamaForCausalLM", R"({"num_key_value_heads": 8})", kv_heads("/num_key_value_heads", "8")},
      {"Gemma4ForCausalLM",
       R"({"attention_k_eq_v": true, "num_global_key_value_heads": 3})",
       {"inconsistent_config", "/num_global_key_value_heads",
        "4 attention heads cannot share 3 KV heads evenly",
        "num_global_key_value_heads must divide num_attention_heads"}},
      {"DeciLMForCausalLM",
       R"({"block_configs": [{"attention": {"n_heads_in_group": 3}, "ffn": {"ffn_mult": 1}}]})",
       {"inconsistent_config", "/block_configs/0/attention/n_heads_in_group",
        "4 attention heads do not form groups of 3",
        "n_heads_in_group must divide num_attention_heads"}},
      {"DbrxForCausalLM",
       R"({"attn_config": {"kv_n_heads": 3}, "ffn_config": {"ffn_hidden_size": 8,
        "moe_num_experts": 4, "moe_top_k": 2}})",
       {"inconsistent_config", "/num_attention_heads",
        "d_model, n_heads and kv_n_heads do not divide each other", kAsPublished}},
      {"LlamaForCausalLM",
       R"({"num_attention_heads": 6})",
       {"inconsistent_config", "/num_attention_heads",
        "hidden_size 64 is not a multiple of 6 heads, and head_dim is not given",
        "correct num_attention_heads, or add head_dim"}},
      {"DeepseekV4ForCausalLM",
       R"({"head_dim": 16, "q_lora_rank": 8, "o_groups": 3, "o_lora_rank": 4,
        "compress_ratios": [0, 0], )" +
           kMoe + "}",
       {"inconsistent_config", "/o_groups", "4 heads do not form 3 groups",
        "o_groups must divide num_attention_heads"}},
      // Experts
      {"MixtralForCausalLM", R"({"num_local_experts": 4, "num_experts_per_tok": 5})",
       top_k("/num_experts_per_tok", "5", "4")},
      {"Ernie4_5_MoeForCausalLM",
       R"({"moe_num_experts": 4, "moe_k": 5, "moe_intermediate_size": 32})",
       top_k("/moe_k", "5", "4")},
      {"LongcatFlashForCausalLM", "{" + kMla + R"(, "num_layers": 2, "ffn_hidden_size": 64,
        "expert_ffn_hidden_size": 32, "n_routed_experts": 4, "zero_expert_num": 2, "moe_topk": 7})",
       top_k("/moe_topk", "7", "6")},
      // Lists of layers
      {"LlamaForCausalLM", R"({"layer_types": ["full_attention"]})",
       too_short("layer_types", "1", one_each)},
      {"JambaForCausalLM", R"({"layers_block_type": ["mamba"], )" + kMoe + "}",
       too_short("layers_block_type", "1", one_each)},
      {"Zamba2ForCausalLM", R"({"n_mamba_heads": 8, "layers_block_type": ["mamba"]})",
       too_short("layers_block_type", "1", one_each)},
      {"GlmMoeDsaForCausalLM", R"({"mlp_layer_types": ["dense"], )" + kMla + ", " + kMoe + "}",
       too_short("mlp_layer_types", "1", one_each)},
      {"DeepseekV3ForCausalLM", R"({"moe_layer_freq": [1], )" + kMla + ", " + kMoe + "}",
       too_short("moe_layer_freq", "1", one_or_all)},
      {"MiniMaxM1ForCausalLM", R"({"attn_type_list": [0], )" + kMoe + "}",
       too_short("attn_type_list", "1", one_or_all)},
      {"MiMoV2ForCausalLM", R"({"hybrid_layer_pattern": [0], )" + kMoe + "}",
       too_short("hybrid_layer_pattern", "1", one_or_all)},
      {"HunYuanMoEV1ForCausalLM", R"({"num_experts": [4], "moe_topk": 2})",
       too_short("num_experts", "1", one_or_all)},
      {"OpenELMForCausalLM", R"({"head_dim": 16, "num_query_heads": [4], "num_kv_heads": [2, 2]})",
       too_short("num_query_heads", "1", one_or_all)},
      // Kinds of layers
      {"LlamaForCausalLM", R"({"layer_types": ["full_attention", "retention"]})",
       kind("layer_types", "full_attention")},
      {"Qwen2ForCausalLM", R"({"layer_types": ["full_attention", "retention"]})",
       kind("layer_types", "full_attention, sliding_attention")},
      {"Lfm2ForCausalLM", R"({"layer_types": ["conv", "retention"]})",
       kind("layer_types", "full_attention, conv")},
      {"GraniteMoeHybridForCausalLM",
       R"({"num_local_experts": 0, "layer_types": ["attention", "retention"]})",
       kind("layer_types", "mamba, linear_attention, attention, full_attention")},
      {"Zamba2ForCausalLM", R"({"n_mamba_heads": 8, "layers_block_type": ["mamba", "retention"]})",
       kind("layers_block_type", "mamba, linear_attention, hybrid")},
      {"NemotronHForCausalLM",
       R"({"hybrid_override_pattern": "M?"})",
       {"inconsistent_config", "/hybrid_override_pattern",
        "There is no layer of kind \"?\" in this family",
        "known: M or mamba, * or attention, - or mlp, E or moe"}},
      {"Step3TextForCausalLM",
       R"({"head_dim": 16, "share_q_dim": 8, "moe_layers_enum": "1;2", )" + kMoe + "}",
       {"inconsistent_config", "/moe_layers_enum",
        "moe_layers_enum \"1;2\" is not a list of layer numbers",
        "write numbers from 0 to 1, separated by commas"}},
      {"KimiLinearForCausalLM",
       R"({"linear_attn_config": {"head_dim": 8, "num_heads": 4,
        "short_conv_kernel_size": 4, "kda_layers": [0, 1]}, )" +
           kMla + "}",
       {"out_of_range", "/linear_attn_config/kda_layers/0",
        "kda_layers is 0; it must be from 1 to 2", kLarger}},
      {"Qwen3MoeForCausalLM",
       R"({"use_sliding_window": true, )" + kMoe + "}",
       {"inconsistent_config", "/use_sliding_window",
        "sliding windows are not known in this family", "set it to false, as Qwen does"}},
  });
}

TEST_CASE("errors: models of another kind are refused by name") {
  const std::string hint =
      "paste the config.json of a model that generates text, such as Llama or Qwen";
  const auto other = [&hint](const std::string& path, const std::string& name,
                             const std::string& what) {
    return Expected{"not_a_decoder", kPath + path,
                    "\"" + name + "\" is not a decoder language model but " + what, hint};
  };
  const std::vector<std::pair<const char*, const char*>> classes = {
      {"BertModel", "a text encoder"},
      {"RobertaForMaskedLM", "a text encoder"},
      {"XLMRobertaModel", "a text encoder"},
      {"ModernBertForMaskedLM", "a text encoder"},
      {"ElectraForPreTraining", "a text encoder"},
      {"FunnelForMaskedLM", "an encoder"},
      {"WhisperForConditionalGeneration", "a speech recogniser"},
      {"MoonshineForConditionalGeneration", "a speech recogniser"},
      {"Wav2Vec2ForCTC", "a speech encoder"},
      {"SpeechT5ForTextToSpeech", "a speech model"},
      {"VitsModel", "a speech synthesiser"},
      {"MusicgenForConditionalGeneration", "a music generator"},
      {"CLIPModel", "an image and text encoder"},
      {"SiglipModel", "an image and text encoder"},
      {"ViTForImageClassification", "an image encoder"},
      {"Dinov2Model", "an image encoder"},
      {"DetrForObjectDetection", "an object detector"},
      {"T5ForConditionalGeneration", "an encoder-decoder"},
      {"MT5EncoderModel", "an encoder-decoder"},
      {"BartForConditionalGeneration", "an encoder-decoder"},
      {"MarianMTModel", "an encoder-decoder"},
      {"M2M100ForConditionalGeneration", "an encoder-decoder"},
      {"UNet2DConditionModel", "a diffusion model"},
      {"FluxTransformer2DModel", "a diffusion model"},
      {"LLaDAModelLM", "a diffusion language model"},
      {"DreamModel", "a diffusion language model"},
      {"EsmForMaskedLM", "a protein encoder"},
      {"TimesFmModelForPrediction", "a time series model"},
  };
  for (const auto& [name, what] : classes) {
    CAPTURE(name);
    const std::string type =
        std::string(name) == "M2M100ForConditionalGeneration" ? "m2m_100" : "other";
    Json config = {{"architectures", {name}}, {"model_type", type}, {"hidden_size", 64}};
    check(refusal(config), other("/architectures", name, what));
  }
  // Without a class its type says it, and the path where.
  check(refusal(Json::parse(R"({"model_type": "bert", "hidden_size": 768})")),
        other("/model_type", "bert", "a text encoder"));
  check(refusal(Json::parse(R"({"model_type": "t5", "d_model": 512})")),
        other("/model_type", "t5", "an encoder-decoder"));
  check(refusal(Json::parse(R"({"n_mels": 80, "n_vocab": 51865})")),
        other("/n_mels", "Whisper", "a speech recogniser"));
  check(refusal(Json::parse(R"({"_class_name": "StableDiffusionPipeline"})")),
        other("/_class_name", "StableDiffusionPipeline", "a part of a diffusion pipeline"));
  check(refusal(small("NovelForConditionalGeneration", R"({"is_encoder_decoder": true})")),
        other("/architectures", "NovelForConditionalGeneration", "an encoder-decoder"));
}

TEST_CASE("errors: families that are not known, with keys that are not understood") {
  check(refusal(small("NovelForCausalLM", R"({"mixer_rank": 7, "memory_layers": [0, 1]})")),
        {"unsupported_architecture", kPath + "/memory_layers",
         "\"NovelForCausalLM\" is not a known family, and these keys of it are not understood: "
         "memory_layers, mixer_rank",
         "if they change neither layers nor sizes, remove them: it is then computed as a generic "
         "decoder"});
  // A key with a slash or a tilde is escaped in its path.
  check(
      refusal(small("NovelForCausalLM", R"({"a/b~c": [1]})")),
      {"unsupported_architecture", kPath + "/a~1b~0c",
       "\"NovelForCausalLM\" is not a known family, and these keys of it are not understood: a/b~c",
       "if they change neither layers nor sizes, remove them: it is then computed as a generic "
       "decoder"});
}

TEST_CASE("errors: nonsense in a quantization") {
  const auto range = [](const std::string& path, const std::string& found,
                        const std::string& minimum, const std::string& maximum,
                        const std::string& hint) {
    const std::string field = path.substr(path.rfind('/') + 1);
    return Expected{"out_of_range", "/quantization_config" + path,
                    field + " is " + found + "; it must be from " + minimum + " to " + maximum,
                    hint};
  };
  const Expected blocks = {"wrong_type", "/quantization_config/weight_block_size",
                           "weight_block_size must be two sizes of at least 1",
                           "write [128, 128], or null for one scale per tensor"};
  check_fields(
      "LlamaForCausalLM",
      {
          {"quantization_config",
           R"({"quant_method": 8})",
           {"wrong_type", "/quantization_config/quant_method", "quant_method must be text, found 8",
            kQuotes}},
          {"quantization_config", R"({"quant_method": "gptq", "bits": 99, "group_size": 128})",
           range("/bits", "99", "2", "8", kSmaller)},
          {"quantization_config", R"({"quant_method": "gptq", "bits": 1, "group_size": 128})",
           range("/bits", "1", "2", "8", kLarger)},
          {"quantization_config",
           R"({"quant_method": "awq", "bits": "four", "group_size": 128})",
           {"wrong_type", "/quantization_config/bits",
            "bits must be a whole number, found \"four\"", kWhole}},
          {"quantization_config",
           R"({"quant_method": "awq", "bits": 4, "group_size": 0})",
           {"out_of_range", "/quantization_config/group_size", "group_size is 0",
            "write the size of a group, or -1 for one per output channel"}},
          {"quantization_config", R"({"quant_method": "gptq", "bits": 4, "group_size": -2})",
           range("/group_size", "-2", "-1", "65536", kLarger)},
          {"quantization_config",
           R"({"bits": 4, "group_size": "x"})",
           {"wrong_type", "/quantization_config/group_size",
            "group_size must be a whole number, found \"x\"", kWhole}},
          {"quantization_config", R"({"quant_method": "fp8", "weight_block_size": [0, 128]})",
           blocks},
          {"quantization_config", R"({"quant_method": "fp8", "weight_block_size": [128]})", blocks},
          {"quantization_config", R"({"quant_method": "fp8", "weight_block_size": 128})", blocks},
          {"quantization_config", R"({"quant_method": "fp8", "weight_block_size": "128"})", blocks},
          {"quantization_config",
           R"({"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": 3}}})",
           {"wrong_type", "/quantization_config/config_groups/g/weights",
            "weights must be an object, found 3", kWriteObject}},
          {"quantization_config",
           R"({"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": {"num_bits": 99}}}})",
           range("/config_groups/g/weights/num_bits", "99", "1", "16", kSmaller)},
          {"quantization_config",
           R"({"quant_method": "modelopt", "quant_algo": 3})",
           {"wrong_type", "/quantization_config/quant_algo", "quant_algo must be text, found 3",
            kQuotes}},
          {"quantization_config",
           R"({"quant_method": "bitsandbytes", "load_in_4bit": "maybe"})",
           {"wrong_type", "/quantization_config/load_in_4bit",
            "load_in_4bit must be true or false, found \"maybe\"", kTrueOrFalse}},
          {"quantization_config",
           R"({"quant_method": "quark", "global_quant_config": 3})",
           {"wrong_type", "/quantization_config/global_quant_config",
            "global_quant_config must be an object, found 3", kWriteObject}},
          {"quantization_config", R"({"quant_method": "aqlm", "num_codebooks": 0})",
           range("/num_codebooks", "0", "1", "64", kLarger)},
      });
}

TEST_CASE("errors: of the readers themselves") {
  // Strict JSON of a request: the hints name what JSON does not have.
  struct Case {
    const char* text;
    Expected expected;
  };
  const std::vector<Case> cases = {
      {R"({"a": None})",
       {"invalid_json", "", "Not valid JSON at line 1, column 7: unexpected \"None\"",
        "this looks like a Python dict: write null for None"}},
      {R"({"a": True})",
       {"invalid_json", "", "Not valid JSON at line 1, column 7: unexpected \"True\"",
        "this looks like a Python dict: write true for True"}},
      {R"({"a": False})",
       {"invalid_json", "", "Not valid JSON at line 1, column 7: unexpected \"False\"",
        "this looks like a Python dict: write false for False"}},
      {R"({"a": NaN})",
       {"invalid_json", "", "Not valid JSON at line 1, column 7: unexpected \"NaN\"",
        "JSON has no NaN: write a number or null"}},
      {R"({"a": Infinity})",
       {"invalid_json", "", "Not valid JSON at line 1, column 7: unexpected \"Infinity\"",
        "JSON has no Infinity: write a number or null"}},
      {"{'a': 1}",
       {"invalid_json", "", "Not valid JSON at line 1, column 2: unexpected \"'\"",
        "JSON strings take double quotes"}},
      {R"({"a": 1, })",
       {"invalid_json", "", "Not valid JSON at line 1, column 10: unexpected \"}\"",
        "remove the comma before it"}},
      {"{} # end",
       {"invalid_json", "", "Not valid JSON at line 1, column 4: unexpected \"#\"",
        "JSON has no comments: remove it"}},
      {"{} // end",
       {"invalid_json", "", "Not valid JSON at line 1, column 4: unexpected \"/\"",
        "JSON has no comments: remove it"}},
      {"", {"invalid_json", "", kEmpty, kPasteWhole}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Result<Json> read = parse_json(c.text);
    REQUIRE_FALSE(read.ok());
    check(read.error(), c.expected);
  }
  check(parse_json("[1, 2, 3]", 4).error(),
        {"text_too_large", "", "The text is 9e-06 MB long; at most 4e-06 MB are read",
         "paste only the config.json, not weights or an index of them"});

  // Fields of an object: the first error is kept.
  const Json object =
      Json::parse(R"({"heads": "many", "size": 1.5, "on": 1, "name": 7, "widh": 3, "part": []})");
  const auto first = [&object](const auto& read) {
    std::optional<Error> error;
    ObjectReader reader(object, "/x", error);
    read(reader);
    REQUIRE(error.has_value());
    return *error;
  };
  check(first([](ObjectReader& r) { r.integer("heads", {1, 8}); }),
        {"wrong_type", "/x/heads", "heads must be a whole number, found \"many\"", kWhole});
  check(first([](ObjectReader& r) { r.integer("size", {1, 8}); }),
        {"wrong_type", "/x/size", "size must be a whole number, found 1.5", kWhole});
  check(first([](ObjectReader& r) { r.number("size", {2, 8}); }),
        {"out_of_range", "/x/size", "size is 1.5; it must be from 2 to 8", kLarger});
  check(first([](ObjectReader& r) { r.number("heads", {2, 8}); }),
        {"wrong_type", "/x/heads", "heads must be a number, found \"many\"",
         "write a number without quotes"});
  check(first([](ObjectReader& r) { r.boolean_or("on", false); }),
        {"wrong_type", "/x/on", "on must be true or false, found 1", kTrueOrFalse});
  check(first([](ObjectReader& r) { r.string("name"); }),
        {"wrong_type", "/x/name", "name must be text, found 7", kQuotes});
  check(first([](ObjectReader& r) { r.string("absent"); }),
        {"missing_field", "/x/absent", "absent is missing", "add \"absent\""});
  check(first([](ObjectReader& r) { r.object("part"); }),
        {"wrong_type", "/x/part", "Expected an object, found a list", kWriteObject});
  check(first([](ObjectReader& r) {
          r.refuse_unknown_keys({"heads", "size", "on", "name", "width", "part"});
        }),
        {"unknown_field", "/x/widh", "\"widh\" is not a field here", "did you mean \"width\"?"});
  check(first([](ObjectReader& r) {
          r.refuse_unknown_keys({"heads", "size", "on", "name", "part", "depth"});
        }),
        {"unknown_field", "/x/widh", "\"widh\" is not a field here",
         "known fields: heads, size, on, name, part, depth"});
  check(first([](ObjectReader& r) {
          r.integer("size", {1, 8});
          r.string("name");
        }),
        {"wrong_type", "/x/size", "size must be a whole number, found 1.5", kWhole});
}
