#include "model/hub_total.h"

#include <cmath>

#include "model/weights.h"

namespace tokencast {
namespace {

/// Elements of scales, and those that packing hides, over all quantized tensors.
struct StoredElements {
  double scales = 0;
  double hidden = 0;
};

/// Hubs multiply packed words back for these: GPTQ, AWQ, AutoRound, MXFP4 and compressed-tensors.
bool counts_unpacked(const std::string& method) {
  return method != "modelopt" && method != "fp8" && method != "mlx";
}

void add_stored(const WeightTensor& tensor, const WeightFormat& format, const std::string& method,
                StoredElements& stored) {
  const double width = bits_of(format.dtype);
  if (!tensor.quantizable || width > 8) return;
  const double elements = tensor.elements * tensor.count;
  // bitsandbytes: bytes of two weights, and a scale for each 64. BitNet: bytes of four.
  if (format.name == "nf4") {
    stored.hidden += elements / 2;
    stored.scales += elements / 64;
    return;
  }
  if (format.name == "ternary") {
    stored.hidden += elements * 3 / 4;
    return;
  }
  // A scale is fp32 for a block of fp8, 8 bits for a group of fp4 or mxfp8, 16 bits for integers.
  const bool integers = format.dtype == DType::kInt4 || format.dtype == DType::kInt8;
  const bool block = format.name == "fp8_block";
  const double scale_bits = block || method == "fbgemm_fp8" ? 32
                            : integers || format.group == 0 ? 16
                                                            : 8;
  const bool separate = !integers || method == "compressed-tensors";
  if (separate) stored.scales += elements * (format.bits - width) / scale_bits;
  if (format.dtype == DType::kFp4 && !counts_unpacked(method)) stored.hidden += elements / 2;
  if (integers && method == "mlx") stored.hidden += elements * (1 - width / 32);
}

StoredElements stored_elements(const Architecture& architecture) {
  StoredElements stored;
  const std::string& method = architecture.quantization.method;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    add_stored(tensor, architecture.formats.of(tensor.group, tensor.component, tensor.name), method,
               stored);
  }
  stored.scales = std::round(stored.scales);
  return stored;
}

}  // namespace

std::vector<HubDifference> hub_differences(const Architecture& architecture) {
  std::vector<HubDifference> differences;
  const auto add = [&](const char* code, double parameters, const char* message) {
    if (parameters != 0) differences.push_back({code, parameters, message});
  };
  const double table =
      static_cast<double>(architecture.vocabulary) * static_cast<double>(architecture.hidden);
  if (architecture.tied_embeddings && architecture.lm_head) {
    add("tied_head", table, "a tied lm_head, where the checkpoint stores it a second time");
  }
  const double mtp = count_mtp_parameters(architecture);
  add("mtp", mtp, "multi-token-prediction layers");
  if (mtp > 0) {
    add("mtp_copies", architecture.mtp_table_copies * table,
        "copies of the embedding table and lm_head beside them, where the checkpoint stores them");
  }
  add("towers", count_tower_parameters(architecture), "encoders of images or sound");
  // Of GGUF files hubs count weights, not words.
  if (!architecture.quantization.file_type.empty()) return differences;
  const StoredElements stored = stored_elements(architecture);
  add("quantization_scales", stored.scales, "scales of quantized weights");
  add("packed_words", -stored.hidden, "packed weights, several of which count as one element");
  return differences;
}

}  // namespace tokencast
