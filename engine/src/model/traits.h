// What is special about a model, in words that a page can show.
#ifndef TOKENCAST_MODEL_TRAITS_H_
#define TOKENCAST_MODEL_TRAITS_H_

#include <string>
#include <vector>

#include "model/architecture.h"

namespace tokencast {

/// Returns "gqa", "moe", "sliding_window", "qk_norm", "mtp", …, each once, kinds of layers first.
std::vector<std::string> traits_of(const Architecture& architecture);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_TRAITS_H_
