// Gives each weight of a model its format.
#ifndef TOKENCAST_MODEL_ASSIGN_FORMATS_H_
#define TOKENCAST_MODEL_ASSIGN_FORMATS_H_

#include <string>
#include <string_view>
#include <vector>

#include "model/architecture.h"

namespace tokencast {

/// Fills architecture.formats as the checkpoint's quantization says. Groups whose layers differ in
/// the format that is multiplied are split; within a group bits are a mean.
void assign_checkpoint_formats(Architecture& architecture);

/// Returns the formats of a model whose linear layers are stored as asked: a name of
/// weight_format_names or of gguf_type_names. Embeddings and head stay 16 bit, but in GGUF.
WeightFormats requested_formats(const Architecture& architecture, std::string_view name);

/// Every name that requested_formats takes.
const std::vector<std::string>& requestable_formats();

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_ASSIGN_FORMATS_H_
