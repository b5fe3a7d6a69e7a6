// GGUF metadata as text: what llama.cpp prints when it loads a file, what gguf-dump prints, or the
// key-value object that hubs show.
//
// Ignores: everything but sizes; tensors beyond whether there is an output.weight.
#ifndef TOKENCAST_MODEL_GGUF_METADATA_H_
#define TOKENCAST_MODEL_GGUF_METADATA_H_

#include <optional>
#include <string_view>

#include "base/json_reader.h"

namespace tokencast {

/// Returns the keys and values of a dump: {"llama.block_count": 32}; nothing when text names no
/// general.architecture. Of arrays the length is kept.
std::optional<Json> read_gguf_dump(std::string_view text);

/// Whether an object holds GGUF metadata.
bool is_gguf_metadata(const Json& object);

/// Returns the config.json that metadata stands for; its quantization_config says the file type.
Json gguf_to_config(const Json& metadata);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_GGUF_METADATA_H_
