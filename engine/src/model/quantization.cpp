#include "model/quantization.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "model/quantization/methods.h"
#include "model/quantization/reading.h"

namespace tokencast {
namespace {

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
    read_compressed_tensors(config, architecture);
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
