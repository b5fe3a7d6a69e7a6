#include "serving/article.h"

#include <cmath>

#include "model/weights.h"

namespace tokencast {
namespace {

struct Sizes {
  double hidden, intermediate, layers, vocabulary, kv_share;
};

/// The sizes that the article's formulas take; nothing for MoE, MLA and layers that differ.
std::optional<Sizes> dense_sizes(const Architecture& architecture) {
  if (architecture.layers.size() != 1) return std::nullopt;
  const LayerGroup& group = architecture.layers.front();
  const Layer& layer = group.layer;
  if (layer.mixers.size() != 1 || layer.ffns.size() != 1) return std::nullopt;
  const auto* attention = std::get_if<GroupedAttention>(&layer.mixers.front());
  const auto* ffn = std::get_if<DenseFfn>(&layer.ffns.front());
  if (attention == nullptr || ffn == nullptr || !ffn->gated) return std::nullopt;
  return Sizes{static_cast<double>(architecture.hidden), static_cast<double>(ffn->intermediate),
               static_cast<double>(group.count), static_cast<double>(architecture.vocabulary),
               static_cast<double>(attention->kv_heads) / static_cast<double>(attention->heads)};
}

double parameters(const Sizes& s) {
  const double ffn = 3 * s.hidden * s.intermediate;
  const double qkv = 2 * s.hidden * s.hidden * s.kv_share + s.hidden * s.hidden;
  const double output = s.hidden * s.hidden;
  return s.vocabulary * s.hidden + s.layers * (ffn + qkv + output);
}

/// FLOPs of one layer for tokens that each attend to keys tokens.
double layer_flops(const Sizes& s, double tokens, double keys) {
  const double query = 2 * tokens * s.hidden * s.hidden;
  const double key = query * s.kv_share;
  const double value = key;
  const double scores = 2 * tokens * keys * s.hidden;
  const double weighted_values = scores;
  const double output = query;
  const double ffn = 3 * 2 * tokens * s.hidden * s.intermediate;
  return query + key + value + scores + weighted_values + output + ffn;
}

double prefill_flops_quick(const Sizes& s, double tokens, double batch) {
  return (4 * (1 + s.kv_share) * tokens * s.hidden * s.hidden + 4 * tokens * tokens * s.hidden +
          6 * tokens * s.hidden * s.intermediate) *
         s.layers * batch;
}

ArticleTimes times(double prefill_flops, double decode_flops, const ArticleInput& input) {
  ArticleTimes t;
  t.ttft_s = prefill_flops / input.peak_flops_per_s;
  t.decode_tokens_per_s = input.peak_flops_per_s / decode_flops;
  t.ttft_at_utilisation_s = t.ttft_s / input.utilisation;
  t.decode_tokens_per_s_at_utilisation = t.decode_tokens_per_s * input.utilisation;
  return t;
}

ArticleDetail detail_of(const Sizes& sizes, const ArticleInput& input) {
  const auto prompt = static_cast<double>(input.input_tokens);
  const auto batch = static_cast<double>(input.batch);
  // Mean length of the KV cache over the output, as the article averages it.
  const double keys = prompt + (1 + static_cast<double>(input.output_tokens)) / 2;

  ArticleDetail detail;
  detail.parameters = parameters(sizes);
  detail.prefill_flops = layer_flops(sizes, prompt, prompt) * sizes.layers * batch;
  detail.prefill_flops_quick = prefill_flops_quick(sizes, prompt, batch);
  detail.decode_flops_per_token = layer_flops(sizes, 1, keys) * sizes.layers * batch;
  detail.times = times(detail.prefill_flops, detail.decode_flops_per_token, input);
  return detail;
}

/// value, at least 1, rounded to two significant digits.
double two_digits(double value) {
  double unit = 1;
  while (value / unit >= 100) unit *= 10;
  return std::floor(value / unit + 0.5) * unit;
}

ArticleEstimate estimate_of(double parameter_count, const ArticleInput& input) {
  ArticleEstimate estimate;
  // Two digits, as the name of a model has them: 31.98 B reads 32B.
  estimate.parameters = two_digits(parameter_count);
  // The article takes 1024 tokens as one thousand: 2 · 1 · 1024 · 32 B = 64 TFLOPs (in full it
  // is 65.5).
  const double prompt = static_cast<double>(input.input_tokens) / 1024 * 1000;
  const auto batch = static_cast<double>(input.batch);
  estimate.prefill_flops = 2 * batch * prompt * estimate.parameters;
  estimate.decode_flops_per_token = 2 * batch * estimate.parameters;
  estimate.times = times(estimate.prefill_flops, estimate.decode_flops_per_token, input);
  return estimate;
}

}  // namespace

Article article_method(const Architecture& architecture, const ArticleInput& input) {
  Article article;
  const std::optional<Sizes> sizes = dense_sizes(architecture);
  if (sizes) {
    article.detail = detail_of(*sizes, input);
    article.parameters = article.detail->parameters;
  } else {
    // The article says that speed follows the active parameters of a MoE model.
    article.parameters = count_parameters(architecture).active();
    article.reason =
        "The article's formulas are for dense models with one kind of layer; its quick estimate is "
        "taken from the "
        "active parameters";
  }
  article.estimate = estimate_of(article.parameters, input);
  return article;
}

}  // namespace tokencast
