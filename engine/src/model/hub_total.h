// Why a hub shows another total than the parameters of the language model.
//
// Ignores: buffers that some checkpoints store (rotary frequencies, causal masks).
#ifndef TOKENCAST_MODEL_HUB_TOTAL_H_
#define TOKENCAST_MODEL_HUB_TOTAL_H_

#include <string>
#include <vector>

#include "model/architecture.h"

namespace tokencast {

/// What a count of stored elements may add to the language model's parameters, or leave out.
struct HubDifference {
  std::string code;
  double parameters = 0;  ///< negative where the count is too small
  std::string message;
};

std::vector<HubDifference> hub_differences(const Architecture& architecture);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_HUB_TOTAL_H_
