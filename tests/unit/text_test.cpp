#include "base/text.h"

#include "catch.h"

using namespace tokencast;

TEST_CASE("numbers read as people write them") {
  CHECK(number_text(148) == "148");
  CHECK(number_text(0.5) == "0.5");
  CHECK(number_text(1e15) == "1e+15");
}

TEST_CASE("the nearest word is offered only when it is near") {
  const std::vector<std::string> known = {"input_tokens", "output_tokens", "concurrency"};
  CHECK(nearest("input_token", known) == "input_tokens");
  CHECK(nearest("concurency", known) == "concurrency");
  CHECK(nearest("batch", known).empty());
  CHECK(nearest(std::string(10000, 'x'), known).empty());
}

TEST_CASE("long texts are cut between characters") {
  // 39 ASCII bytes, then a character of three bytes across the cut at 40.
  const std::string text = std::string(39, 'a') + "显存";
  CHECK(in_quotes(text) == "\"" + std::string(39, 'a') + "…\"");
  CHECK(in_quotes("short") == "\"short\"");
}
