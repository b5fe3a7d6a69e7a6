// The method of the article this project grew from: time is FLOPs over peak, in prefill and in
// decode.
//
// It is kept apart, so that its readers find their numbers and why ours differ. It ignores memory
// bandwidth (decode at batch 1 comes out about 40 times too fast), lm_head, biases and norms, and
// counts attention over all S² pairs.
#ifndef TOKENCAST_SERVING_ARTICLE_H_
#define TOKENCAST_SERVING_ARTICLE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "model/architecture.h"

namespace tokencast {

struct ArticleInput {
  std::int64_t input_tokens = 1;
  std::int64_t output_tokens = 1;
  std::int64_t batch = 1;
  double peak_flops_per_s = 0;  ///< of all accelerators together
  double utilisation = 1;       ///< of that peak, over 0 to 1
};

/// Times and rates at full use of the peak, and at the given utilisation.
struct ArticleTimes {
  double ttft_s = 0;
  double decode_tokens_per_s =
      0;  ///< of one sequence: the article divides by the FLOPs of one step of the batch
  double ttft_at_utilisation_s = 0;
  double decode_tokens_per_s_at_utilisation = 0;
};

/// Section 3 of the article, operator by operator.
struct ArticleDetail {
  double parameters = 0;
  double prefill_flops = 0;        ///< summed operator by operator
  double prefill_flops_quick = 0;  ///< by the article's closed formula
  double decode_flops_per_token = 0;
  ArticleTimes times;
};

/// Section 4 of the article: 2 FLOPs per parameter and token, parameters to two digits.
struct ArticleEstimate {
  double parameters = 0;
  double prefill_flops = 0;
  double decode_flops_per_token = 0;
  ArticleTimes times;
};

struct Article {
  std::optional<ArticleDetail>
      detail;             ///< nothing where the article's formulas do not describe the model
  std::string reason;     ///< why there is no detail
  double parameters = 0;  ///< the article's, or the active ones where there is no detail
  ArticleEstimate estimate;
};

Article article_method(const Architecture& architecture, const ArticleInput& input);

}  // namespace tokencast

#endif  // TOKENCAST_SERVING_ARTICLE_H_
