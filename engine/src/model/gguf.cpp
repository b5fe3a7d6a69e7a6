#include "model/gguf.h"

#include <algorithm>
#include <array>

namespace tokencast {
namespace {

enum class Type {
  kF16,
  kQ4Type0,
  kQ4Type1,
  kQ5Type0,
  kQ5Type1,
  kQ8Type0,
  kQ2K,
  kQ3K,
  kQ4K,
  kQ5K,
  kQ6K,
  kIq2Xxs,
  kIq2Xs,
  kIq2S,
  kIq3Xxs,
  kIq3S,
  kIq4Nl,
  kIq4Xs,
  kMxfp4
};

struct TypeFacts {
  std::string_view name;
  std::int64_t block;  ///< weights
  std::int64_t bytes;  ///< of a block, scales included
};
constexpr std::array<TypeFacts, 19> kTypes = {{{"f16", 1, 2},
                                               {"q4_0", 32, 18},
                                               {"q4_1", 32, 20},
                                               {"q5_0", 32, 22},
                                               {"q5_1", 32, 24},
                                               {"q8_0", 32, 34},
                                               {"q2_k", 256, 84},
                                               {"q3_k", 256, 110},
                                               {"q4_k", 256, 144},
                                               {"q5_k", 256, 176},
                                               {"q6_k", 256, 210},
                                               {"iq2_xxs", 256, 66},
                                               {"iq2_xs", 256, 74},
                                               {"iq2_s", 256, 82},
                                               {"iq3_xxs", 256, 98},
                                               {"iq3_s", 256, 110},
                                               {"iq4_nl", 32, 18},
                                               {"iq4_xs", 256, 136},
                                               {"mxfp4", 32, 17}}};

const TypeFacts& facts(Type type) { return kTypes[static_cast<std::size_t>(type)]; }

/// File types that exist, and what they give a tensor that no rule names.
enum class File {
  kQ2K,
  kQ3KS,
  kQ3KM,
  kQ3KL,
  kQ4Type0,
  kQ4KS,
  kQ4KM,
  kQ5Type0,
  kQ5KS,
  kQ5KM,
  kQ6K,
  kQ8Type0,
  kIq2Xxs,
  kIq2Xs,
  kIq2M,
  kIq3Xxs,
  kIq3M,
  kIq4Nl,
  kIq4Xs,
  kMxfp4Moe
};
struct FileFacts {
  std::string_view name;
  Type type;
};
constexpr std::array<FileFacts, 20> kFiles = {
    {{"q2_k", Type::kQ2K},       {"q3_k_s", Type::kQ3K},     {"q3_k_m", Type::kQ3K},
     {"q3_k_l", Type::kQ3K},     {"q4_0", Type::kQ4Type0},   {"q4_k_s", Type::kQ4K},
     {"q4_k_m", Type::kQ4K},     {"q5_0", Type::kQ5Type0},   {"q5_k_s", Type::kQ5K},
     {"q5_k_m", Type::kQ5K},     {"q6_k", Type::kQ6K},       {"q8_0", Type::kQ8Type0},
     {"iq2_xxs", Type::kIq2Xxs}, {"iq2_xs", Type::kIq2Xs},   {"iq2_m", Type::kIq2S},
     {"iq3_xxs", Type::kIq3Xxs}, {"iq3_m", Type::kIq3S},     {"iq4_nl", Type::kIq4Nl},
     {"iq4_xs", Type::kIq4Xs},   {"mxfp4_moe", Type::kMxfp4}}};

std::optional<File> file_named(std::string_view name) {
  for (std::size_t i = 0; i < kFiles.size(); ++i) {
    if (kFiles[i].name == name) return static_cast<File>(i);
  }
  return std::nullopt;
}

/// The layers that get more bits: the first and last eighth, and every third between.
bool more_bits(std::int64_t layer, std::int64_t layers) {
  const std::int64_t eighth = layers / 8;
  return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
}

bool is_two_bit(File file) {
  return file == File::kIq2Xxs || file == File::kIq2Xs || file == File::kIq2M;
}

Type of_head(File file) {
  if (file == File::kQ8Type0 || file == File::kMxfp4Moe) return Type::kQ8Type0;
  if (is_two_bit(file) || file == File::kIq3Xxs) return Type::kQ5K;
  return Type::kQ6K;
}

Type of_embedding(File file, Type type) {
  if (file == File::kMxfp4Moe) return Type::kQ8Type0;
  if (file == File::kIq2Xxs || file == File::kIq2Xs) return Type::kQ2K;
  if (file == File::kIq2M || file == File::kIq3Xxs) return Type::kIq3S;
  return type;
}

Type of_values(File file, Type type, std::int64_t layer, const GgufModel& model) {
  const bool grouped = model.heads_per_kv_head >= 4;
  const bool eight_experts = model.experts == 8;
  switch (file) {
    case File::kIq2Xxs:
    case File::kIq2Xs:
      return grouped || model.experts >= 4 ? Type::kQ4K : Type::kQ2K;
    case File::kIq2M:
      return grouped || model.experts >= 4 ? Type::kQ4K : Type::kIq3S;
    case File::kQ2K:
      type = grouped ? Type::kQ4K : Type::kQ3K;
      break;
    case File::kIq3Xxs:
      type = grouped ? Type::kQ4K : Type::kIq3Xxs;
      break;
    case File::kIq3M:
      type = Type::kQ4K;
      break;
    case File::kQ3KM:
      type = layer < 2 ? Type::kQ5K : Type::kQ4K;
      break;
    case File::kQ3KL:
      type = Type::kQ5K;
      break;
    case File::kIq4Nl:
    case File::kIq4Xs:
      if (grouped) type = Type::kQ5K;
      break;
    case File::kQ4KM:
    case File::kQ5KM:
      if (more_bits(layer, model.layers)) type = Type::kQ6K;
      break;
    case File::kQ4KS:
      if (layer < 4) type = Type::kQ5K;
      break;
    default:
      break;
  }
  // Llama 70B and Qwen 72B: eight query heads share a KV head, so that more bits cost little.
  const bool seventy = model.layers == 80 && model.heads_per_kv_head == 8;
  if (seventy && (type == Type::kQ3K || type == Type::kQ4K)) type = Type::kQ5K;
  return eight_experts ? Type::kQ8Type0 : type;
}

Type of_down(File file, Type type, std::int64_t layer, const GgufModel& model) {
  const bool first_eighth = layer < model.layers / 8;
  switch (file) {
    case File::kIq2Xxs:
    case File::kIq2Xs:
      return first_eighth ? Type::kQ2K : type;
    case File::kIq2M:
      return first_eighth ? Type::kIq3S : type;
    case File::kQ2K:
      return Type::kQ3K;
    case File::kQ3KM:
      return layer < model.layers / 16 ? Type::kQ5K : Type::kQ4K;
    case File::kIq3M:
      return first_eighth || (model.experts == 8 && more_bits(layer, model.layers)) ? Type::kQ4K
                                                                                    : type;
    case File::kQ3KL:
      return Type::kQ5K;
    case File::kQ4KM:
    case File::kQ5KM:
      return more_bits(layer, model.layers) ? Type::kQ6K : type;
    case File::kQ4KS:
      return first_eighth ? Type::kQ5K : type;
    default:
      return type;
  }
}

Type of_output(File file, Type type, const GgufModel& model) {
  const bool small = file == File::kQ2K || file == File::kIq3Xxs || file == File::kIq3M ||
                     file == File::kQ3KS || file == File::kQ3KM || file == File::kIq4Nl ||
                     file == File::kIq4Xs || file == File::kQ4KS || file == File::kQ4KM;
  if (model.experts == 8 && (small || is_two_bit(file))) return Type::kQ5K;
  if (file == File::kQ2K) return Type::kQ3K;
  if (file == File::kIq2M || file == File::kIq3Xxs) return Type::kIq3S;
  if (file == File::kQ3KM || file == File::kIq3M) return Type::kQ4K;
  if (file == File::kQ3KL) return Type::kQ5K;
  return type;
}

Type of_linear(File file, Type type, const WeightTensor& tensor, std::int64_t layer,
               const GgufModel& model) {
  if (file == File::kMxfp4Moe) {
    return tensor.component == Component::kExperts ? Type::kMxfp4 : Type::kQ8Type0;
  }
  const bool attention = tensor.component == Component::kAttention;
  const bool plain = file == File::kQ8Type0 || file == File::kQ6K || file == File::kQ5KS ||
                     file == File::kQ4Type0 || file == File::kQ5Type0;
  if (attention && tensor.name == "v_proj") return of_values(file, type, layer, model);
  if (attention && tensor.name == "k_proj") {
    if (model.experts == 8 && !is_two_bit(file)) return Type::kQ8Type0;
    if (model.experts == 8) return Type::kQ4K;
    return file == File::kIq3Xxs ? Type::kIq2S : type;
  }
  if (plain) return type;
  if (attention && tensor.name == "q_proj" && file == File::kIq3Xxs) return Type::kIq2S;
  if (attention && tensor.name == "o_proj") return of_output(file, type, model);
  if (tensor.name == "down_proj") return of_down(file, type, layer, model);
  return type;
}

/// What takes a type's place where its blocks do not divide a row.
Type fallback(Type type) {
  switch (type) {
    case Type::kIq2Xxs:
    case Type::kIq2Xs:
    case Type::kIq2S:
    case Type::kIq3Xxs:
    case Type::kIq3S:
    case Type::kIq4Xs:
      return Type::kIq4Nl;
    case Type::kQ2K:
    case Type::kQ3K:
      return Type::kQ4Type0;
    case Type::kQ4K:
      return Type::kQ5Type0;
    case Type::kQ5K:
      return Type::kQ5Type1;
    case Type::kQ6K:
      return Type::kQ8Type0;
    default:
      return Type::kF16;
  }
}

WeightFormat format_of(Type type, std::int64_t row) {
  if (row % facts(type).block != 0) type = fallback(type);
  if (row % facts(type).block != 0) type = Type::kF16;
  const TypeFacts& t = facts(type);
  const double bits = 8 * static_cast<double>(t.bytes) / static_cast<double>(t.block);
  if (type == Type::kF16) return plain_format(DType::kFp16);
  return {t.name, bits > 6.9 ? DType::kInt8 : DType::kInt4, bits, /*weight_only=*/true, t.block};
}

}  // namespace

bool is_gguf_type(std::string_view name) { return file_named(name).has_value(); }

const std::vector<std::string>& gguf_type_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(std::size(kFiles));
    for (const FileFacts& file : kFiles) all.emplace_back(file.name);
    return all;
  }();
  return names;
}

WeightFormat gguf_format(std::string_view file_type, const WeightTensor& tensor, std::int64_t layer,
                         const GgufModel& model) {
  const File file = file_named(file_type).value_or(File::kQ4KM);
  const Type type = kFiles[static_cast<std::size_t>(file)].type;
  const bool head = tensor.component == Component::kLmHead ||
                    (tensor.component == Component::kEmbedding && model.tied);
  if (head) {
    // Rows that the type cannot cut take 8 bits at once.
    const bool cuts = tensor.in % facts(type).block == 0;
    return format_of(cuts ? of_head(file) : Type::kQ8Type0, tensor.in);
  }
  if (tensor.component == Component::kEmbedding) {
    return format_of(of_embedding(file, type), tensor.in);
  }
  return format_of(of_linear(file, type, tensor, layer, model), tensor.in);
}

}  // namespace tokencast
