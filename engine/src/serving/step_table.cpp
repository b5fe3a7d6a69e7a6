#include "serving/step_table.h"

#include <algorithm>

namespace tokencast {
namespace {

/// Returns the largest power of two up to value, which is at least 1.
std::int64_t power_below(std::int64_t value) {
  std::int64_t power = 1;
  while (power * 2 <= value) power *= 2;
  return power;
}

Banded between(const Banded& low, const Banded& high, double part) {
  return (1 - part) * low + part * high;
}

double share(std::int64_t value, std::int64_t low, std::int64_t high) {
  return static_cast<double>(value - low) / static_cast<double>(high - low);
}

}  // namespace

Banded StepTable::decode_point(std::int64_t sequences, bool long_context) {
  const auto [found, fresh] = decodes_.try_emplace({sequences, long_context});
  if (fresh) {
    const std::int64_t context = input_ + (long_context ? output_ : 1);
    found->second = times_({Step{Phase::kDecode, sequences, 1, context, context}});
  }
  return found->second;
}

Banded StepTable::decode(std::int64_t sequences, double context) {
  const std::int64_t low = power_below(sequences);
  const auto at_context = [&](bool long_context) {
    if (low == sequences) return decode_point(low, long_context);
    return between(decode_point(low, long_context), decode_point(2 * low, long_context),
                   share(sequences, low, 2 * low));
  };
  if (output_ == 1) return at_context(false);
  const double grown = context - static_cast<double>(input_ + 1);
  const double part = std::clamp(grown / static_cast<double>(output_ - 1), 0.0, 1.0);
  return between(at_context(false), at_context(true), part);
}

Banded StepTable::prefill_point(std::int64_t prompt_tokens, std::int64_t decoding) {
  const auto [found, fresh] = prefills_.try_emplace({prompt_tokens, decoding});
  if (!fresh) return found->second;
  const Step part = prompt_part(prompt_tokens, input_);
  if (decoding == 0) return found->second = times_({part});
  const std::int64_t context = input_ + (output_ + 1) / 2;
  const Step decode = {Phase::kDecode, decoding, 1, context, context};
  const Banded added = times_({part, decode}) - times_({decode});
  return found->second = {std::max(added.value, 0.0), std::max(added.low, 0.0),
                          std::max(added.high, 0.0), added.source};
}

Banded StepTable::prefill_beside(std::int64_t prompt_tokens, std::int64_t decoding) {
  const std::int64_t low = power_below(prompt_tokens);
  if (low == prompt_tokens) return prefill_point(low, decoding);
  return between(prefill_point(low, decoding), prefill_point(2 * low, decoding),
                 share(prompt_tokens, low, 2 * low));
}

Banded StepTable::prefill(std::int64_t prompt_tokens, std::int64_t decoding) {
  if (decoding == 0) return prefill_beside(prompt_tokens, 0);
  // What is added changes slowly with those that decode: powers of four are enough.
  std::int64_t low = 1;
  while (low * 4 <= decoding) low *= 4;
  if (low == decoding) return prefill_beside(prompt_tokens, low);
  return between(prefill_beside(prompt_tokens, low), prefill_beside(prompt_tokens, 4 * low),
                 share(decoding, low, 4 * low));
}

}  // namespace tokencast
