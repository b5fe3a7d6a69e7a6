#include "base/json_reader.h"

#include "catch.h"

using namespace tokencast;

TEST_CASE("text that is not JSON is refused with its place and what to do") {
  struct Case {
    const char* text;
    const char* message;
    const char* hint;
  };
  const char* kWhole = "paste the whole config.json, from its first { to its last }";
  const std::vector<Case> cases = {
      {"", "The text is empty", kWhole},
      {"{\"hidden_size\": 4096", "The text ends before the JSON is complete", kWhole},
      {"{\"a\": \"open", "The text ends before the JSON is complete", kWhole},
      {"hello", "Not valid JSON at line 1, column 1: unexpected \"hello\"", kWhole},
      {"{\n  \"a\": NaN\n}", "Not valid JSON at line 2, column 8: unexpected \"NaN\"",
       "JSON has no NaN: write a number or null"},
      {"{\"a\": Infinity}", "Not valid JSON at line 1, column 7: unexpected \"Infinity\"",
       "JSON has no Infinity: write a number or null"},
      {"{\"a\": True}", "Not valid JSON at line 1, column 7: unexpected \"True\"",
       "this looks like a Python dict: write true for True"},
      {"{\"a\": None}", "Not valid JSON at line 1, column 7: unexpected \"None\"",
       "this looks like a Python dict: write null for None"},
      {"{'a': 1}", "Not valid JSON at line 1, column 2: unexpected \"'\"",
       "JSON strings take double quotes"},
      {"{\"a\": 1, }", "Not valid JSON at line 1, column 10: unexpected \"}\"",
       "remove the comma before it"},
      {"{\"a\": 1 # one\n}", "Not valid JSON at line 1, column 9: unexpected \"#\"",
       "JSON has no comments: remove it"},
      {"{\"名\": 显}", "Not valid JSON at line 1, column 7: unexpected \"显\"", kWhole},
      {"{\"a\": 1e999}", "The text has a number too large to be stored",
       "write numbers below 1e308"},
      {"{\"a\": \"\xff\"}", "The text is not UTF-8", "save the file as UTF-8, or paste its text"},
      {"{\"a\": 1} {", "Not valid JSON at line 1, column 10: unexpected \"{\"", kWhole},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Result<Json> result = parse_json(c.text);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().message == c.message);
    CHECK(result.error().hint == c.hint);
  }
}

TEST_CASE("ten megabytes of text are refused before they are parsed") {
  const Result<Json> result = parse_json(std::string(10'000'000, '['));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == "text_too_large");
  CHECK(result.error().message == "The text is 10 MB long; at most 4 MB are read");
}

TEST_CASE("nesting is read to 64 levels, wherever the brackets are not in a string") {
  // Values are copied recursively: 8,000 levels of a pasted text once exhausted the module's stack.
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(parse_json(nested(64)).ok());
  const Result<Json> deep = parse_json(nested(65));
  REQUIRE_FALSE(deep.ok());
  CHECK(deep.error().message == "The text nests deeper than 64 levels");
  CHECK_FALSE(parse_json(std::string(kMaxConfigBytes, '[')).ok());
  CHECK(parse_json("[\"\\\"" + std::string(1000, '[') + "\"]").ok());
}

TEST_CASE("wrong fields are named with their pointer") {
  struct Case {
    const char* json;
    const char* path;
    const char* message;
  };
  const std::vector<Case> cases = {
      {R"({})", "/n", "n is missing"},
      {R"({"n": null})", "/n", "n is missing"},
      {R"({"n": "4096"})", "/n", "n must be a whole number, found \"4096\""},
      {R"({"n": 1.5})", "/n", "n must be a whole number, found 1.5"},
      {R"({"n": true})", "/n", "n must be a whole number, found true"},
      {R"({"n": [1]})", "/n", "n must be a whole number, found a list"},
      {R"({"n": -3})", "/n", "n is -3; it must be from 1 to 100"},
      {R"({"n": 0})", "/n", "n is 0; it must be from 1 to 100"},
      {R"({"n": 1e30})", "/n", "n is 1e+30; it must be from 1 to 100"},
      {R"([1])", "", "Expected an object, found a list"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    const Json json = Json::parse(c.json);
    std::optional<Error> error;
    ObjectReader reader(json, "", error);
    reader.integer("n", {1, 100});
    REQUIRE(error);
    CHECK(error->path == c.path);
    CHECK(error->message == c.message);
  }
}

TEST_CASE("pointers escape what JSON pointers escape") {
  const Json json = Json::parse(R"({"a/b~c": {"x": 1}})");
  std::optional<Error> error;
  ObjectReader reader(json, "/model", error);
  reader.object("a/b~c").integer("n", {1, 2});
  REQUIRE(error);
  CHECK(error->path == "/model/a~1b~0c/n");
}

TEST_CASE("4096.0 is 4096") {
  const Json json = Json::parse(R"({"n": 4096.0})");
  std::optional<Error> error;
  CHECK(ObjectReader(json, "", error).integer("n", {1, 1e6}) == 4096);
  CHECK_FALSE(error);
}
