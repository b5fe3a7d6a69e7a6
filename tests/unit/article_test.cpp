// The article prints its figures cut after the last digit, not rounded: 148 / 0.0644 = 2297.2, 148
// / 0.064 = 2312.5.
#include "serving/article.h"

#include <cmath>

#include "catch.h"
#include "models.h"

using namespace tokencast;
using namespace tokencast::test;

namespace {

/// The value cut after digits decimals, as the article prints it.
double printed(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::floor(value * scale) / scale;
}

const ArticleInput kInput = {1024, 1024, 1, 148e12, 0.6};

}  // namespace

TEST_CASE("the article's figures for Qwen2.5-32B on 148 TFLOPS, to the printed digit") {
  const Article article = article_method(architecture_of(kQwen25_32B), kInput);
  REQUIRE(article.detail);
  CHECK(printed(article.detail->parameters / 1e9, 2) == 31.98);
  CHECK(printed(article.detail->prefill_flops / 1e12, 2) == 65.28);
  CHECK(printed(article.detail->prefill_flops_quick / 1e12, 2) == 65.28);
  CHECK(printed(article.detail->decode_flops_per_token / 1e12, 2) == 0.06);
  CHECK(printed(article.detail->decode_flops_per_token / 1e12, 4) == 0.0644);
  CHECK(printed(article.detail->times.ttft_s * 1e3, 0) == 441);
  CHECK(printed(article.detail->times.decode_tokens_per_s, 0) == 2297);
  // The article itself divides by the rounded 0.06 and prints 2466.
  CHECK(printed(148e12 / (printed(article.detail->decode_flops_per_token / 1e12, 2) * 1e12), 0) ==
        2466);
}

TEST_CASE("the article's quick estimate, to the printed digit") {
  const ArticleEstimate estimate = article_method(architecture_of(kQwen25_32B), kInput).estimate;
  CHECK(estimate.parameters == 32e9);
  CHECK(estimate.prefill_flops == 64e12);
  CHECK(estimate.decode_flops_per_token == 0.064e12);
  CHECK(printed(estimate.times.ttft_s * 1e3, 0) == 432);
  CHECK(printed(estimate.times.decode_tokens_per_s, 0) == 2312);
}

TEST_CASE("utilisation stretches times and cuts rates") {
  const Article article = article_method(architecture_of(kQwen25_32B), kInput);
  const ArticleTimes& times = article.detail->times;
  CHECK(times.ttft_at_utilisation_s == Approx(times.ttft_s / 0.6));
  CHECK(times.decode_tokens_per_s_at_utilisation == Approx(times.decode_tokens_per_s * 0.6));
}

TEST_CASE("both of the article's prefill formulas agree for other shapes") {
  for (const char* id : {"qwen2.5-7b", "llama-3.1-8b", "llama-3.1-70b"}) {
    const Article article = article_method(preset_architecture(id), {3000, 10, 7, 1e15, 1});
    REQUIRE(article.detail);
    CHECK(article.detail->prefill_flops ==
          Approx(article.detail->prefill_flops_quick).epsilon(1e-12));
  }
}

TEST_CASE("for MoE and MLA only the quick estimate is given, from active parameters") {
  const Article article = article_method(architecture_of(kDeepSeekR1), kInput);
  CHECK_FALSE(article.detail);
  CHECK_FALSE(article.reason.empty());
  CHECK(article.estimate.parameters == 38e9);  // 37.55 B active
}

TEST_CASE("small models keep two digits in the quick estimate") {
  // 0.49 B once read as 1 B: half the speed, by our rounding and not the article's method.
  const std::string small =
      with(with(with(with(with(kQwen25_32B, "hidden_size", "896"), "num_attention_heads", "14"),
                     "num_key_value_heads", "2"),
                "intermediate_size", "4864"),
           "num_hidden_layers", "24");
  CHECK(article_method(architecture_of(small), kInput).estimate.parameters == 0.49e9);
}
