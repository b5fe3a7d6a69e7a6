#include "base/relaxed_json.h"

#include <cmath>

#include "catch.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

/// The value of a text that holds one object.
Json read_one(const std::string& text) {
  const Result<Pasted> read = read_pasted(text);
  REQUIRE(read.ok());
  REQUIRE(read.value().objects.size() == 1);
  return read.value().objects[0].value;
}

}  // namespace

// Named after the rules of section 0 of the reference notes on config.json in the wild.
TEST_CASE("quirk 0: what is not strict JSON is read for what it means") {
  struct Case {
    const char* rule;
    const char* text;
    const char* json;
  };
  const std::vector<Case> cases = {
      {"Python constants", "{'a': True, 'b': False, 'c': None}",
       R"({"a": true, "b": false, "c": null})"},
      {"single quotes", "{'a': 'it\\'s'}", R"({"a": "it's"})"},
      {"trailing commas", "{\"a\": [1, 2,], }", R"({"a": [1, 2]})"},
      {"tuples", "{\"a\": (0.0, 1)}", R"({"a": [0.0, 1]})"},
      {"variable name", "config = {\"a\": 1}", R"({"a": 1})"},
      {"variable name with a type", "config: dict[str, int] = {\"a\": 1}", R"({"a": 1})"},
      {"whole-line and end-of-line comments",
       "{\n# one\n\"a\": 1, // two\n/* {three} */ \"b\": \"#\"}", R"({"a": 1, "b": "#"})"},
      {"Markdown fence", "```json\n{\"a\": 1}\n```", R"({"a": 1})"},
      {"byte order mark", "\xEF\xBB\xBF{\"a\": 1}", R"({"a": 1})"},
      {"CRLF and a leading newline", "\r\n{\"a\":\r\n 1}\r\n", R"({"a": 1})"},
      {"numbers as Python writes them",
       "{'a': 1e-05, 'b': .5, 'c': 1_000, 'd': 1., 'e': -.5, 'f': +1}",
       R"({"a": 1e-05, "b": 0.5, "c": 1000, "d": 1.0, "e": -0.5, "f": 1})"},
      {"dotted names", "{'torch_dtype': torch.bfloat16}", R"({"torch_dtype": "bfloat16"})"},
      {"escapes", "{'a': '\\u663e\\n\\x'}", R"({"a": "显\nx"})"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.rule);
    CHECK(read_one(c.text) == Json::parse(c.json));
  }
}

TEST_CASE("quirk 0: Infinity and NaN are numbers, however they are written") {
  const Json json = read_one(
      R"({"a": Infinity, "b": -Infinity, "c": NaN, "d": float("inf"), "e": float('-inf')})");
  CHECK(json.at("a") == HUGE_VAL);
  CHECK(json.at("b") == -HUGE_VAL);
  CHECK(std::isnan(json.at("c").get<double>()));
  CHECK(json.at("d") == HUGE_VAL);
  CHECK(json.at("e") == -HUGE_VAL);
}

TEST_CASE("quirk 0: several configs in one text keep the headings above them") {
  const std::string text =
      "Notes first.\n\n## Qwen2.5-7B\n```json\n{\"a\": 1}\n```\nLlama-3.1-8B:\n{'b': 2,}\n{\"c\": "
      "3}\n";
  const Result<Pasted> read = read_pasted(text);
  REQUIRE(read.ok());
  const auto& objects = read.value().objects;
  REQUIRE(objects.size() == 3);
  CHECK(objects[0].title == "Qwen2.5-7B");
  CHECK(objects[1].title == "Llama-3.1-8B");
  CHECK(objects[2].title.empty());
  CHECK(objects[1].value == Json::parse(R"({"b": 2})"));
}

TEST_CASE("what cannot be read loosely either is refused where it stops") {
  struct Case {
    const char* text;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"config = {'a': 1", "The text ends before the JSON is complete"},
      {"{'a': 1 'b': 2}", "Not valid JSON at line 1, column 9: unexpected \"'\""},
      {"{'a': print(1)}", "Not valid JSON at line 1, column 7: unexpected \"print\""},
      {"{'a': 1 + 2}", "Not valid JSON at line 1, column 9: unexpected \"+\""},
      {"{a: 1}", "Not valid JSON at line 1, column 2: unexpected \"a\""},
      {"{'a': float('many')}", "Not valid JSON at line 1, column 7: unexpected \"float\""},
      {"no braces at all", "Not valid JSON at line 1, column 1: unexpected \"no\""},
      {"[1, 2,", "The text ends before the JSON is complete"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Result<Pasted> read = read_pasted(c.text);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message == c.message);
  }
  CHECK_FALSE(read_pasted("{'a': " + std::string(100000, '[')).ok());
}

TEST_CASE("a pasted dict is told of, several need a choice") {
  const std::string dict =
      "config = {'architectures': ['LlamaForCausalLM'], 'hidden_size': 4096, 'vocab_size': "
      "128256,\n"
      "  'intermediate_size': 14336, 'num_hidden_layers': 32, 'num_attention_heads': 32,\n"
      "  'num_key_value_heads': 8, 'torch_dtype': torch.bfloat16, 'tie_word_embeddings': False}  # "
      "8B";
  const auto one = read_pasted_config(dict, 0, "");
  REQUIRE(one.ok());
  CHECK(count_parameters(one.value()).total() == 8'030'261'248);
  CHECK(one.value().notes.back().code == "not_strict_json");

  const std::string both = "Llama-3.1-8B\n" + dict + "\nQwen2.5-32B\n" + kQwen25_32B;
  const auto unchosen = read_pasted_config(both, 0, "/model/config");
  REQUIRE_FALSE(unchosen.ok());
  CHECK(unchosen.error().code == "several_configs");
  CHECK(unchosen.error().params.back().second == "config\nQwen2.5-32B");
  CHECK(count_parameters(read_pasted_config(both, 2, "").value()).total() == 32'763'876'352);
  CHECK_FALSE(read_pasted_config(both, 3, "").ok());
}

TEST_CASE("a size of Infinity or NaN is refused by its name") {
  const auto message = [](const char* value) {
    std::string text = kQwen25_32B;
    text.replace(text.find("5120"), 4, value);
    const auto read = read_pasted_config(text, 0, "");
    return read.ok() ? "" : read.error().message;
  };
  CHECK(message("Infinity") == "hidden_size is Infinity; it must be from 1 to 262144");
  CHECK(message("NaN") == "hidden_size must be a whole number, found NaN");
}
