#include "model/hub_total.h"

#include "model/weights.h"

namespace tokencast {
namespace {

/// Elements of scales, and those that packing hides, over all quantized tensors.
struct StoredElements {
  double scales = 0;
  double hidden = 0;
};

StoredElements stored_elements(const Architecture& architecture) {
  StoredElements stored;
  for (const WeightTensor& tensor : weight_tensors(architecture)) {
    if (!tensor.quantizable) continue;
    const WeightFormat& format =
        architecture.formats.of(tensor.group, tensor.component, tensor.name);
    const double elements = tensor.elements * tensor.count;
    const double width = bits_of(format.dtype);
    if (width > 8) continue;
    constexpr double kBlockScaleBits = 32;
    const bool fp8 = format.dtype == DType::kFp8;
    const double scale_bits = fp8 ? kBlockScaleBits : 8;
    const bool floats = fp8 || format.dtype == DType::kFp4;
    if (floats) stored.scales += elements * (format.bits - width) / scale_bits;
    // Two fp4 to a byte; eight int4 or four int8 to a word.
    if (format.dtype == DType::kFp4) stored.hidden += elements / 2;
    if (format.weight_only && !floats) stored.hidden += elements * (1 - width / 32);
  }
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
        "copies of the embedding table and lm_head beside them");
  }
  add("towers", count_tower_parameters(architecture), "encoders of images or sound");
  const StoredElements stored = stored_elements(architecture);
  add("quantization_scales", stored.scales, "scales of quantized weights");
  add("packed_words", -stored.hidden, "packed weights, several of which count as one element");
  return differences;
}

}  // namespace tokencast
