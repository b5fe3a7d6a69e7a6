#include "model/quantization.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "model/assign_formats.h"
#include "model/decoder.h"

namespace tokencast {
namespace {

constexpr Range kBits = {1, 16};
constexpr Range kGroupSize = {-1, 65536};  // -1: one group per output channel
constexpr Range kBlockSize = {1, 65536};
constexpr double kScaleBits = 16;  // fp16 or bf16
constexpr double kFp32Bits = 32;

void not_understood(ConfigReader& config, const std::string& what, Architecture& architecture) {
  architecture.quantization.understood = false;
  config.note("quantization_not_understood",
              "quantization_config of " + what + " is not understood: weight bytes are not given",
              {{"method", what}});
}

/// Adds modules to a list; patterns that are not understood are told of.
void add_modules(ConfigReader& config, ModuleList& modules, const std::vector<std::string>& names) {
  std::string lost;
  for (const std::string& name : names) {
    if (!modules.add(name) && lost.empty()) lost = name;
  }
  if (lost.empty()) return;
  config.note("module_pattern_not_understood",
              "The pattern " + in_quotes(lost) +
                  " of quantization_config is not understood: what it names is counted as the rest",
              {{"pattern", lost}});
}

/// The texts in a list, other entries left out; one text counts as a list.
std::vector<std::string> texts_in(const Json* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  if (list->is_string()) return {list->get<std::string>()};
  if (!list->is_array()) return texts;
  for (const Json& item : *list) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

/// Reads the lists that keep modules in 16 bit, under the names that methods give them.
void read_exclusions(ConfigReader& config, Architecture& architecture) {
  ModuleList excluded;
  for (const char* key :
       {"modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules", "exclude",
        "llm_int8_skip_modules", "skip_modules", "linear_weights_not_to_quantize"}) {
    add_modules(config, excluded, texts_in(config.find(key)));
  }
  if (excluded.empty()) return;
  auto& rules = architecture.quantization.rules.rules;
  rules.insert(rules.begin(), {std::move(excluded), plain_format(architecture.dtype)});
}

std::int64_t read_group(ConfigReader& config) {
  const std::int64_t group = config.integer("group_size q_group_size", kGroupSize);
  if (!config.failed() && group == 0) {
    config.fail(
        {"out_of_range",
         config.path_of("group_size"),
         "group_size is 0",
         "write the size of a group, or -1 for one per output channel",
         {{"field", "group_size"}, {"found", "0"}, {"minimum", "1"}, {"maximum", "65536"}}});
  }
  return group;
}

// ---- fp8
// -----------------------------------------------------------------------------------------

void read_fp8(ConfigReader& config, ConfigReader& model, Architecture& architecture) {
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = fp8_format(0);
  if (config.has("weight_block_size")) {
    const Json& sizes = *config.find("weight_block_size");
    const bool two_sizes =
        sizes.is_array() && sizes.size() == 2 &&
        std::all_of(sizes.begin(), sizes.end(), [](const Json& size) {
          return size.is_number_integer() && size >= 1 && size <= kGroupSize.maximum;
        });
    if (!two_sizes) {
      config.fail({"wrong_type",
                   config.path_of("weight_block_size"),
                   "weight_block_size must be two sizes of at least 1",
                   "write [128, 128], or null for one scale per tensor",
                   {{"field", "weight_block_size"}, {"expected", "[128, 128]"}}});
      return;
    }
    rules.linear = fp8_block_format(sizes[0].get<std::int64_t>(), sizes[1].get<std::int64_t>());
  }
  // DeepSeek-V4 says outside that its experts are narrower, V4.1 and MiMo inside.
  const std::string experts =
      config.text_or("expert_dtype store_dtype", model.text_or("expert_dtype", ""));
  if (experts == "fp4" || experts == "mxfp4") rules.experts = mxfp4_format();
}

// ---- Integers in groups
// --------------------------------------------------------------------------

/// AWQ, GPTQ and AutoRound: an fp16 scale and a zero point as wide as a weight for each group.
WeightFormat awq_format(double bits, std::int64_t group) {
  return grouped_integer(bits > 4 ? "int8_weight_only" : "int4", bits, group, kScaleBits + bits);
}

/// Rules that GPTQ's "dynamic" gives by regular expression: "-:" keeps 16 bit, "+:" changes bits,
/// the size of a group, or both.
void read_gptq_exceptions(ConfigReader& config, double bits, std::int64_t group,
                          Architecture& architecture) {
  const Json* dynamic = config.find("dynamic");
  if (dynamic == nullptr || !dynamic->is_object()) return;
  for (const auto& [key, settings] : dynamic->items()) {
    const bool kept = key.starts_with("-:");
    const bool changed = key.starts_with("+:");
    const Json& own = settings;
    const auto setting = [&own](const char* name, Range range, double fallback) {
      const bool has =
          own.is_object() && own.contains(name) && own[name].is_number() && range.holds(own[name]);
      return has ? own[name].get<double>() : fallback;
    };
    const double own_bits = setting("bits", kBits, bits);
    const auto own_group =
        static_cast<std::int64_t>(setting("group_size", kGroupSize, static_cast<double>(group)));
    if (!kept && own_bits == bits && own_group == group) continue;
    ModuleList modules;
    add_modules(config, modules, {"re:" + (kept || changed ? key.substr(2) : key)});
    const WeightFormat format =
        kept ? plain_format(architecture.dtype) : awq_format(own_bits, own_group);
    architecture.quantization.rules.rules.emplace_back(std::move(modules), format);
  }
}

void read_integer_groups(ConfigReader& config, Architecture& architecture) {
  const auto bits = static_cast<double>(config.integer("bits w_bit", {2, 8}));
  const std::int64_t group = read_group(config);
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = awq_format(bits, group);
  if (config.boolean_or("lm_head", false)) rules.lm_head = rules.linear;
  read_gptq_exceptions(config, bits, group, architecture);
  // AutoRound names the modules that differ: bits of 16 mean that they are not quantized.
  const Json* extra = config.find("extra_config");
  if (extra == nullptr || !extra->is_object()) return;
  ModuleList kept;
  for (const auto& [name, settings] : extra->items()) {
    const bool plain = settings.is_object() && settings.contains("bits") &&
                       settings["bits"].is_number() && settings["bits"] >= 16;
    if (plain) add_modules(config, kept, {name});
  }
  rules.rules.emplace_back(std::move(kept), plain_format(architecture.dtype));
}

// ---- MLX
// -----------------------------------------------------------------------------------------

/// MLX's own integers have a 16 bit scale and bias for each group; its other modes are formats of
/// their own.
std::optional<WeightFormat> mlx_format(const std::string& mode, double bits, std::int64_t group) {
  if (mode == "affine") {
    return grouped_integer(bits > 4 ? "int8_weight_only" : "int4", bits, group, 2 * kScaleBits);
  }
  if (mode == "mxfp4") return mxfp4_format(/*weight_only=*/true);
  if (mode == "nvfp4") return nvfp4_format(/*weight_only=*/true);
  if (mode == "mxfp8") return mxfp8_format();
  return std::nullopt;
}

void read_mlx(ConfigReader& config, Architecture& architecture) {
  const std::string mode = config.text_or("mode", "affine");
  const double bits = static_cast<double>(config.integer("bits", kBits));
  const std::int64_t group = read_group(config);
  const std::optional<WeightFormat> format = mlx_format(mode, bits, group);
  if (config.failed()) return;
  if (!format) {
    not_understood(config, in_quotes("mlx " + mode), architecture);
    return;
  }
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = *format;
  rules.embedding = *format;
  rules.lm_head = *format;
  // Exceptions stand beside, named after modules.
  for (const auto& [name, settings] : config.json().items()) {
    const bool kept = settings.is_boolean() && !settings.get<bool>();
    if (!kept && !settings.is_object()) continue;
    ModuleList modules;
    add_modules(config, modules, {name});
    WeightFormat own = plain_format(architecture.dtype);
    if (!kept) {
      ConfigReader exception(settings, config.path() + "/" + name, config.state());
      const auto changed = mlx_format(
          exception.text_or("mode", mode),
          static_cast<double>(exception.integer_or("bits", kBits, static_cast<std::int64_t>(bits))),
          exception.integer_or("group_size", {1, 65536}, std::max<std::int64_t>(group, 1)));
      if (changed) own = *changed;
    }
    rules.rules.emplace_back(std::move(modules), own);
  }
}

// ---- compressed-tensors
// --------------------------------------------------------------------------

/// The format of one group's weights; nothing when it is of a form that is not known.
std::optional<WeightFormat> compressed_format(ConfigReader& group) {
  ConfigReader weights = group.object("weights");
  const auto bits = static_cast<double>(weights.integer("num_bits", kBits));
  const std::string type = weights.text_or("type", "int");
  const std::string strategy = weights.text_or("strategy", "tensor");
  const std::int64_t size = weights.integer_or("group_size", kGroupSize, 0);
  const bool weight_only = !group.has("input_activations");
  const double channel = strategy == "channel" ? kScaleBits : 0;
  if (group.failed()) return std::nullopt;
  if (type == "float" && bits == 8) {
    if (strategy == "block") {
      const std::vector<std::int64_t> block = weights.integers("block_structure", kBlockSize);
      if (weights.failed()) return std::nullopt;
      return block.size() == 2 ? fp8_block_format(block[0], block[1]) : fp8_block_format(128, 128);
    }
    if (strategy == "group" && size == 32) return mxfp8_format();
    WeightFormat format = fp8_format(channel);
    format.weight_only = weight_only;
    return format;
  }
  if (type == "float" && bits == 4) {
    return size == 16 ? nvfp4_format(weight_only) : mxfp4_format(weight_only);
  }
  if (type != "int") return std::nullopt;
  if (bits == 8 && !weight_only) return int8_format(channel);
  const double zero = weights.boolean_or("symmetric", true) ? 0 : bits;
  return grouped_integer(bits > 4 ? "int8_weight_only" : "int4", bits, size, kScaleBits + zero);
}

/// Whether a group's targets are all linear layers.
bool targets_linear(const std::vector<std::string>& targets) {
  return std::any_of(targets.begin(), targets.end(), [](const std::string& target) {
    return target == "Linear" || target == "FusedMoE" || target == "MoEGate";
  });
}

void read_compressed(ConfigReader& config, Architecture& architecture) {
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = plain_format(architecture.dtype);
  const Json* groups = config.find("config_groups");
  if (groups == nullptr || !groups->is_object() || groups->empty()) {
    not_understood(config, "\"compressed-tensors\" without config_groups", architecture);
    return;
  }
  for (const auto& [name, settings] : groups->items()) {
    if (!settings.is_object()) continue;
    ConfigReader group(settings, config.path() + "/config_groups/" + name, config.state());
    if (!group.has("weights")) continue;
    const std::optional<WeightFormat> format = compressed_format(group);
    if (config.failed()) return;
    if (!format) {
      not_understood(config, in_quotes("compressed-tensors " + name), architecture);
      return;
    }
    const std::vector<std::string> targets = texts_in(group.find("targets"));
    if (targets.empty() || targets_linear(targets)) {
      rules.linear = *format;
      continue;
    }
    ModuleList modules;
    add_modules(config, modules, targets);
    rules.rules.emplace_back(std::move(modules), *format);
  }
}

// ---- ModelOpt
// ------------------------------------------------------------------------------------

std::optional<WeightFormat> modelopt_format(const std::string& algorithm, std::int64_t group) {
  if (algorithm == "FP8") return fp8_format(0);
  if (algorithm == "FP8_PER_CHANNEL_PER_TOKEN") return fp8_format(kFp32Bits);
  if (algorithm == "FP8_PB_WO" || algorithm == "FP8_PB_REAL") return fp8_block_format(128, 128);
  if (algorithm == "MXFP8") return mxfp8_format();
  if (algorithm == "W4A16_NVFP4") return nvfp4_format(/*weight_only=*/true);
  if (algorithm.starts_with("NVFP4") || algorithm == "W4A8_NVFP4_FP8") return nvfp4_format();
  if (algorithm == "MXFP4" || algorithm == "W4A8_MXFP4_FP8") return mxfp4_format();
  if (algorithm == "W4A16_AWQ" || algorithm == "W4A8_AWQ" || algorithm == "INT4_AWQ") {
    return grouped_integer("int4", 4, group > 0 ? group : 128, kScaleBits);
  }
  if (algorithm.starts_with("W8A8_SQ") || algorithm == "INT8") return int8_format(kScaleBits);
  if (algorithm == "W8A16") return grouped_integer("int8_weight_only", 8, 0, kScaleBits);
  return std::nullopt;
}

/// MIXED_PRECISION: a list of modules, each with its algorithm; what is not listed stays 16 bit.
void read_modelopt_layers(ConfigReader& config, Architecture& architecture) {
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = plain_format(architecture.dtype);
  const Json* layers = config.find("quantized_layers");
  if (layers == nullptr || !layers->is_object()) return;
  std::vector<std::pair<WeightFormat, ModuleList>> lists;
  for (const auto& [name, settings] : layers->items()) {
    const auto algorithm = settings.is_object() ? settings.find("quant_algo") : settings.end();
    if (algorithm == settings.end() || !algorithm->is_string()) continue;
    const std::optional<WeightFormat> format =
        modelopt_format(algorithm->get_ref<const std::string&>(), 0);
    if (!format) {
      not_understood(config, in_quotes("modelopt " + algorithm->get<std::string>()), architecture);
      return;
    }
    auto list = std::find_if(lists.begin(), lists.end(),
                             [&](const auto& candidate) { return candidate.first == *format; });
    if (list == lists.end()) list = lists.insert(lists.end(), {*format, ModuleList()});
    list->second.add(name);
  }
  for (auto& [format, modules] : lists) rules.rules.emplace_back(std::move(modules), format);
}

void read_modelopt(ConfigReader& config, Architecture& architecture) {
  const std::string algorithm = config.text_or("quant_algo", "");
  const std::int64_t group = config.integer_or("group_size", kGroupSize, 0);
  if (config.failed()) return;
  if (algorithm == "MIXED_PRECISION") {
    read_modelopt_layers(config, architecture);
    return;
  }
  const std::optional<WeightFormat> format = modelopt_format(algorithm, group);
  if (!format) {
    not_understood(
        config,
        algorithm.empty() ? "\"modelopt\" without quant_algo" : in_quotes("modelopt " + algorithm),
        architecture);
    return;
  }
  architecture.quantization.rules.linear = *format;
}

// ---- Others
// --------------------------------------------------------------------------------------

/// bitsandbytes: NF4 has an fp32 scale for each 64, double quantization narrows it to 8 bits and an
/// fp32 for each 256 of them.
void read_bitsandbytes(ConfigReader& config, Architecture& architecture) {
  WeightFormat& linear = architecture.quantization.rules.linear;
  if (config.boolean_or("load_in_4bit _load_in_4bit", false)) {
    const bool twice = config.boolean_or("bnb_4bit_use_double_quant", false);
    const double group_bits = twice ? 8 + kFp32Bits / 256 : kFp32Bits;
    linear = grouped_integer("nf4", 4, 64, group_bits);
    linear.group = 0;  // flat over the tensor
  } else if (config.boolean_or("load_in_8bit _load_in_8bit", false)) {
    linear = int8_format(kFp32Bits);
  } else {
    not_understood(config, "\"bitsandbytes\" without load_in_4bit or load_in_8bit", architecture);
  }
}

void read_hqq(ConfigReader& config, Architecture& architecture) {
  ConfigReader weights = config.object("quant_config").object("weight_quant_params");
  const auto bits = static_cast<double>(weights.integer_or("nbits", kBits, 4));
  const std::int64_t group = weights.integer_or("group_size", {1, 65536}, 64);
  architecture.quantization.rules.linear =
      grouped_integer(bits > 4 ? "int8_weight_only" : "int4", bits, group, 2 * kScaleBits);
}

/// AQLM: codes of in_group × out_group weights from several codebooks; codebooks are not counted.
void read_aqlm(ConfigReader& config, Architecture& architecture) {
  const auto books = static_cast<double>(config.integer_or("num_codebooks", {1, 64}, 1));
  const auto bits = config.integer_or("nbits_per_codebook", {1, 32}, 16);
  const auto in = static_cast<double>(config.integer_or("in_group_size", {1, 1024}, 8));
  const auto out = static_cast<double>(config.integer_or("out_group_size", {1, 1024}, 1));
  const double code = bits <= 8 ? 8 : 16;  // stored as whole integers
  architecture.quantization.rules.linear =
      grouped_integer("aqlm", books * code / (in * out), 0, kScaleBits / out);
}

/// Whether a text or key anywhere in value has part, in small or capital letters.
bool mentions(const Json& value, std::string_view part) {
  const auto has = [part](std::string_view text) {
    const auto alike = [](char a, char b) {
      return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
    };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), alike) != text.end();
  };
  if (value.is_string()) return has(value.get_ref<const std::string&>());
  if (!value.is_structured()) return false;
  for (const auto& [key, member] : value.items()) {
    if ((value.is_object() && has(key)) || mentions(member, part)) return true;
  }
  return false;
}

void read_torchao(ConfigReader& config, Architecture& architecture) {
  const Json* quant_type = config.find("quant_type");
  const auto has = [quant_type](const char* part) {
    return quant_type != nullptr && mentions(*quant_type, part);
  };
  WeightFormat& linear = architecture.quantization.rules.linear;
  if (has("int4")) {
    // Newer configs serialise the whole setting into quant_type.
    const bool nested = quant_type != nullptr && quant_type->is_object();
    ConfigReader setting = nested ? config.object("quant_type") : config;
    if (setting.has("default")) setting = setting.object("default");
    ConfigReader arguments = setting.object(nested ? "_data" : "quant_type_kwargs");
    linear = grouped_integer("int4", 4, arguments.integer_or("group_size", {1, 65536}, 128),
                             2 * kScaleBits);
  } else if (has("float8")) {
    linear = fp8_format(kFp32Bits);
    linear.weight_only = has("weightonly") || has("weight_only");
  } else if (has("int8")) {
    linear = has("dynamic") ? int8_format(kScaleBits)
                            : grouped_integer("int8_weight_only", 8, 0, kScaleBits);
  } else {
    not_understood(config, "\"torchao\"", architecture);
  }
}

std::optional<WeightFormat> quark_format(ConfigReader& weight) {
  const std::string dtype = weight.text_or("dtype", "");
  const std::string scheme = weight.text_or("qscheme", "per_tensor");
  const std::int64_t group = weight.integer_or("group_size", kGroupSize, 0);
  const double channel = scheme == "per_channel" ? kScaleBits : 0;
  if (dtype == "fp4") return mxfp4_format();
  if (dtype.starts_with("fp8")) return fp8_format(channel);
  if (dtype == "int8" || dtype == "uint8") return int8_format(channel);
  if (dtype == "int4" || dtype == "uint4") {
    return grouped_integer("int4", 4, group, kScaleBits + (dtype == "uint4" ? 4 : 0));
  }
  return std::nullopt;
}

void read_quark(ConfigReader& config, Architecture& architecture) {
  ConfigReader global = config.object("global_quant_config");
  ConfigReader weight = global.object("weight");
  const std::optional<WeightFormat> format = quark_format(weight);
  if (config.failed()) return;
  if (!format) {
    not_understood(config, "\"quark\"", architecture);
    return;
  }
  architecture.quantization.rules.linear = *format;
  // The outputs of k_proj and v_proj are what the cache holds.
  const Json* layers = config.find("layer_quant_config");
  if (layers == nullptr || !layers->is_object()) return;
  for (const auto& [name, settings] : layers->items()) {
    if (name.find("k_proj") == std::string::npos || !settings.is_object()) continue;
    ConfigReader layer(settings, config.path() + "/layer_quant_config", config.state());
    const std::string dtype = layer.object("output_tensors").text_or("dtype", "");
    if (dtype.starts_with("fp8")) architecture.quantization.kv_cache = DType::kFp8;
  }
}

void read_gguf(ConfigReader& config, Architecture& architecture) {
  const std::string type = config.text_or("file_type", "");
  const auto& known = requestable_formats();
  if (std::find(known.begin(), known.end(), type) != known.end()) {
    architecture.quantization.file_type = type;
  } else {
    not_understood(config, in_quotes("gguf " + type), architecture);
  }
}

/// Reads the format in which the KV cache is meant to be kept.
void read_kv_cache(ConfigReader& config, Architecture& architecture) {
  std::optional<DType>& kv_cache = architecture.quantization.kv_cache;
  if (const Json* scheme = config.find("kv_cache_scheme")) {
    const bool wide = scheme->is_object() && scheme->value("num_bits", Json(8)) != 8;
    if (scheme->is_object() || scheme->is_string()) kv_cache = wide ? DType::kFp4 : DType::kFp8;
    if (is_text(*scheme, "NVFP4")) kv_cache = DType::kFp4;
  }
  const std::string algorithm = config.text_or("kv_cache_quant_algo", "");
  if (algorithm == "FP8") kv_cache = DType::kFp8;
  if (algorithm == "NVFP4") kv_cache = DType::kFp4;
}

void read_method(const std::string& method, ConfigReader& config, ConfigReader& model,
                 Architecture& architecture) {
  FormatRules& rules = architecture.quantization.rules;
  rules.linear = plain_format(architecture.dtype);
  if (method == "fp8") {
    read_fp8(config, model, architecture);
  } else if (method == "fbgemm_fp8") {
    rules.linear = fp8_format(kFp32Bits);
  } else if (method == "mxfp4") {
    rules.experts = mxfp4_format();
  } else if (method == "awq" || method == "gptq" || method == "auto-round" ||
             method == "intel/auto-round" || method == "autoround" || method == "gptq_marlin" ||
             method == "marlin" || method == "awq_marlin") {
    read_integer_groups(config, architecture);
  } else if (method == "mlx") {
    read_mlx(config, architecture);
  } else if (method == "compressed-tensors" || method == "compressed_tensors") {
    read_compressed(config, architecture);
  } else if (method == "modelopt" || method == "modelopt_fp4" || method == "modelopt_mixed") {
    read_modelopt(config, architecture);
  } else if (method == "bitsandbytes") {
    read_bitsandbytes(config, architecture);
  } else if (method == "hqq") {
    read_hqq(config, architecture);
  } else if (method == "aqlm") {
    read_aqlm(config, architecture);
  } else if (method == "eetq") {
    rules.linear = grouped_integer("int8_weight_only", 8, 0, kScaleBits);
  } else if (method == "torchao") {
    read_torchao(config, architecture);
  } else if (method == "quark") {
    read_quark(config, architecture);
  } else if (method == "gguf") {
    read_gguf(config, architecture);
  } else if (method == "bitnet") {
    rules.linear = grouped_integer("ternary", 2, 0, 0);  // four to a byte
  } else {
    not_understood(config, method.empty() ? "unknown form" : in_quotes(method), architecture);
  }
}

/// The method that a config leaves out, by the keys it has.
std::string unnamed_method(ConfigReader& config) {
  if (config.has("quant_algo") || config.has("quantized_layers")) return "modelopt";
  if (config.has("config_groups")) return "compressed-tensors";
  // Mistral's params.json: {"qformat_weight": "fp8_e4m3", "qscheme_act": "TENSOR"}.
  if (config.text_or("qformat_weight", "").starts_with("fp8")) return "fp8";
  if (config.has("group_size") && config.has("bits")) return "mlx";
  return "";
}

}  // namespace

void read_quantization(ConfigReader& model, Architecture& architecture) {
  const Names section = "quantization quantization_config compression_config";
  if (!model.has(section)) {
    const std::string experts = model.text_or("expert_dtype", "");
    if (experts != "fp4") return;
    architecture.quantization.method = "fp4";
    not_understood(model, "experts in fp4 without quantization_config", architecture);
    return;
  }
  ConfigReader config = model.object(section);
  model.ignore("quantization_config");  // MLX writes both
  if (model.failed()) return;
  // As hf_quant_config.json of ModelOpt has it: one level deeper.
  const Json* deeper = config.find("quantization");
  const bool nested = !config.has("quant_algo") && deeper != nullptr && deeper->is_object();
  if (nested) config = config.object("quantization");

  Quantization& quantization = architecture.quantization;
  quantization.method = config.text_or("quant_method", "");
  if (quantization.method.empty()) quantization.method = unnamed_method(config);
  if (quantization.method.empty()) quantization.method = "unknown form";
  if (config.failed()) return;
  read_method(quantization.method == "unknown form" ? "" : quantization.method, config, model,
              architecture);
  if (config.failed()) return;
  read_exclusions(config, architecture);
  read_kv_cache(config, architecture);
}

}  // namespace tokencast
