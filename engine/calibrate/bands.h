// Bands from the residuals of results that were not fitted: conformal, as each is judged by a band
// that was made without it.
#ifndef TOKENCAST_CALIBRATE_BANDS_H_
#define TOKENCAST_CALIBRATE_BANDS_H_

#include <cstddef>
#include <vector>

#include "cost/engine_profile.h"

namespace tokencast::calibrate {

/// log(measured / predicted), as a time, of a result that was predicted without its cell.
struct OutOfFold {
  double value = 0;
  double weight = 1;  ///< its cell's share
  std::size_t cell = 0;
  int fold = 0;
  bool prefill = false;  ///< a time of prompts, else of decoding
  ModelClass model = ModelClass::kDense;
};

/// Returns the band that holds 80 % of what is of this phase and not of this fold (-1: of any).
/// Few cells count as if a wide one stood beside them.
LogBand band_of(const std::vector<OutOfFold>& residuals, bool prefill, int without_fold);

/// Returns by what factor bands must widen to hold 80 % of each class of models: bands[i] is the
/// one of residuals[i]. A class of few cells keeps its bands.
BandWidths widths_of(const std::vector<OutOfFold>& residuals, const std::vector<LogBand>& bands);

}  // namespace tokencast::calibrate

#endif  // TOKENCAST_CALIBRATE_BANDS_H_
