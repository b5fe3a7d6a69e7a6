// The types of GGUF files and which tensor gets which, as llama.cpp's quantizer chooses
// (ggml-common.h for the types, llama-quant.cpp for the choice; read in 2026).
//
// Ignores: importance matrices but for the IQ types, which are made with one; files made with
// options
// (--pure, --tensor-type) or by other quantizers (Unsloth's UD types, Ollama's own).
#ifndef TOKENCAST_MODEL_GGUF_H_
#define TOKENCAST_MODEL_GGUF_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/weight_format.h"
#include "model/weights.h"

namespace tokencast {

/// What the choice depends on beside the tensor.
struct GgufModel {
  std::int64_t layers = 0;
  double heads_per_kv_head = 1;
  std::int64_t experts = 0;
  bool tied = false;
};

/// Whether name is a file type: "q4_k_m".
bool is_gguf_type(std::string_view name);

const std::vector<std::string>& gguf_type_names();

/// Returns the format of a tensor in a file of a type; layer counts from 0.
WeightFormat gguf_format(std::string_view file_type, const WeightTensor& tensor, std::int64_t layer,
                         const GgufModel& model);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_GGUF_H_
