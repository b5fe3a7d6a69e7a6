#include "serving/service_steps.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tokencast {
namespace {

std::int64_t rounded(double value) {
  return std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(value + 0.5)), 1);
}

/// Two points and how far a value lies from the first towards the second.
struct Between {
  std::int64_t low, high;
  double share;
};

/// Points at anchor · 2^k.
Between around(double value, double anchor) {
  int exponent = 0;
  std::frexp(value / anchor, &exponent);
  const std::int64_t low = rounded(std::ldexp(anchor, exponent - 1));
  const std::int64_t high = rounded(std::ldexp(anchor, exponent));
  const auto width = static_cast<double>(high - low);
  const double share = width > 0 ? (value - static_cast<double>(low)) / width : 0;
  return {low, high, std::clamp(share, 0.0, 1.0)};
}

/// Batches of 1, 2, 3, 4, 6, 8, 12, …
Between around_batch(std::int64_t sequences) {
  std::int64_t power = 1;
  while (power * 2 <= sequences) power *= 2;
  if (power == 1) return {sequences, sequences, 0};
  const std::int64_t middle = power + power / 2;
  const std::int64_t low = sequences < middle ? power : middle;
  const std::int64_t high = sequences < middle ? middle : 2 * power;
  return {low, high, static_cast<double>(sequences - low) / static_cast<double>(high - low)};
}

/// What prompts add changes slowly with those that decode: powers of four are enough.
Between around_beside(std::int64_t sequences) {
  std::int64_t low = 1;
  while (low * 4 <= sequences) low *= 4;
  return {low, 4 * low, static_cast<double>(sequences - low) / static_cast<double>(3 * low)};
}

template <class Value>
double blend(const Between& between, const Value& value) {
  if (between.share == 0) return value(between.low);
  if (between.share == 1) return value(between.high);
  return (1 - between.share) * value(between.low) + between.share * value(between.high);
}

}  // namespace

double at(const Banded& banded, End end) {
  return end == End::kValue ? banded.value : end == End::kLow ? banded.low : banded.high;
}

ServiceSteps::ServiceSteps(StepTimes times, const ServiceLoad& load)
    : times_(std::move(times)),
      context_(std::floor(load.input_tokens + (load.output_tokens + 1) / 2)) {
  ServiceLoad mean = load;
  mean.lengths = Lengths::kFixed;
  const RequestSize size = size_of(mean, 0);
  tokens_ = static_cast<double>(size.input - size.cached);
  keys_ = static_cast<double>(size.cached) + (tokens_ + 1) / 2;
}

Banded ServiceSteps::time(const std::vector<Step>& parts) {
  const Banded time_s = times_(parts);
  source_ = std::max(source_, time_s.source);
  return time_s;
}

const Banded& ServiceSteps::decode_point(std::int64_t sequences, std::int64_t context) {
  const auto [found, fresh] = decodes_.try_emplace({sequences, context, 0});
  if (fresh) found->second = time({Step{Phase::kDecode, sequences, 1, context, context}});
  return found->second;
}

const Banded& ServiceSteps::prompt_point(std::int64_t tokens, std::int64_t keys,
                                         std::int64_t decoding) {
  const auto [found, fresh] = prompts_.try_emplace({tokens, keys, decoding});
  Banded& added = found->second;
  if (!fresh) return added;
  // Whole prompts of 2 · keys − 1 tokens where there are as many, else one piece with as many keys.
  const std::int64_t sequences = std::max<std::int64_t>(
      rounded(static_cast<double>(tokens) / static_cast<double>(2 * keys)), 1);
  const std::int64_t each = std::max<std::int64_t>(tokens / sequences, 1);
  const std::int64_t before = std::max<std::int64_t>(keys - (each + 1) / 2, 0);
  const double emitting = static_cast<double>(each) / static_cast<double>(before + each);
  const Step part = {Phase::kPrefill, sequences, each, before + 1, before + each, emitting};
  if (decoding == 0) return added = time({part});
  const std::int64_t context = rounded(context_);
  const Step decode = {Phase::kDecode, decoding, 1, context, context};
  const Banded more = time({part, decode}) - decode_point(decoding, context);
  return added = {std::max(more.value, 0.0), std::max(more.low, 0.0), std::max(more.high, 0.0),
                  more.source};
}

double ServiceSteps::decode_at_context(std::int64_t sequences, double context, End end) {
  return blend(around(context, context_),
               [&](std::int64_t tokens) { return at(decode_point(sequences, tokens), end); });
}

double ServiceSteps::decode_s(std::int64_t sequences, double context, End end) {
  return blend(around_batch(sequences),
               [&](std::int64_t batch) { return decode_at_context(batch, context, end); });
}

double ServiceSteps::prompt_s(const PromptTokens& prompts, std::int64_t decoding, End end) {
  return blend(around(prompts.tokens, tokens_), [&](std::int64_t tokens) {
    return blend(around(prompts.keys, keys_),
                 [&](std::int64_t keys) { return at(prompt_point(tokens, keys, decoding), end); });
  });
}

double ServiceSteps::time_s(std::int64_t decoding, double context, const PromptTokens& prompts,
                            End end) {
  double time_s = decoding > 0 ? decode_s(decoding, context, end) : 0;
  if (prompts.tokens == 0) return time_s;
  if (decoding == 0) return prompt_s(prompts, 0, end);
  return time_s + blend(around_beside(decoding),
                        [&](std::int64_t beside) { return prompt_s(prompts, beside, end); });
}

}  // namespace tokencast
