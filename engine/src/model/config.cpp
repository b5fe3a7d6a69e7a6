#include "model/config.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "model/family.h"
#include "model/quantization.h"
#include "model/weights.h"

namespace tokencast {
namespace {

/// Words in class names and model types of models that do not generate text token by token from a
/// decoder alone.
constexpr std::array<const char*, 19> kOtherKinds = {
    "bert", "whisper",   "clip",    "t5",       "vit",    "wav2vec", "hubert",
    "unet", "vae",       "electra", "bart",     "marian", "pegasus", "siglip",
    "detr", "diffusion", "dinov2",  "layoutlm", "encodec"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// The class name that the config gives, or empty.
std::string first_architecture(ObjectReader& config) {
  const Json* list = config.find("architectures");
  if (list == nullptr) return "";
  if (list->is_array() && list->empty()) return "";
  if (!list->is_array() || !list->front().is_string()) {
    config.fail({"wrong_type",
                 config.path_of("architectures"),
                 "architectures must be a list of class names",
                 "write [\"LlamaForCausalLM\"]",
                 {{"field", "architectures"}, {"expected", "a list of class names"}}});
    return "";
  }
  return list->front().get<std::string>();
}

bool names_another_kind(const std::string& architecture, const std::string& model_type) {
  const std::string names = lower(architecture) + " " + lower(model_type);
  return std::any_of(kOtherKinds.begin(), kOtherKinds.end(),
                     [&](const char* kind) { return names.find(kind) != std::string::npos; });
}

Error not_a_decoder(const ObjectReader& config, const std::string& name) {
  return {"not_a_decoder",
          config.path_of("architectures"),
          in_quotes(name) + " is not a decoder language model",
          "paste the config.json of a model that generates text, such as Llama or Qwen",
          {{"found", name}}};
}

Error unsupported(const ObjectReader& config, const std::string& architecture,
                  const std::string& model_type) {
  std::vector<std::string> known;
  for (const Family& family : families()) known.push_back(family.architecture);
  const std::string& name = architecture.empty() ? model_type : architecture;
  return {"unsupported_architecture",
          config.path_of(architecture.empty() ? "model_type" : "architectures"),
          in_quotes(name) + " is not supported yet",
          "supported: " + joined(known),
          {{"found", name}, {"known", joined(known)}}};
}

/// Routes on the class name first: model_type is shared by models that differ (Grok-1 says
/// "mixtral").
const Family* find_family(ObjectReader& config) {
  const std::string architecture = first_architecture(config);
  const std::string model_type = config.string_or("model_type", "");
  if (config.failed()) return nullptr;
  for (const Family& family : families()) {
    if (architecture == family.architecture) return &family;
  }
  if (architecture.empty()) {
    for (const Family& family : families()) {
      if (model_type == family.model_type) return &family;
    }
  }
  const std::string whisper_dims = config.has("n_mels") ? "Whisper" : "";
  const std::string diffusers_class = config.string_or("_class_name", "");
  if (!whisper_dims.empty() || !diffusers_class.empty()) {
    config.fail(not_a_decoder(config, whisper_dims + diffusers_class));
  } else if (architecture.empty() && model_type.empty()) {
    config.fail({"missing_field",
                 config.path_of("architectures"),
                 "The config names no model: architectures and model_type are missing",
                 "paste the whole config.json, as the model's repository has it",
                 {{"field", "architectures"}}});
  } else if (names_another_kind(architecture, model_type)) {
    config.fail(not_a_decoder(config, architecture.empty() ? model_type : architecture));
  } else {
    config.fail(unsupported(config, architecture, model_type));
  }
  return nullptr;
}

void read_dtype(ObjectReader& config, Architecture& architecture) {
  const std::string key = config.has("torch_dtype") ? "torch_dtype" : "dtype";
  const std::string name = config.string_or(key, "");
  if (config.failed()) return;
  if (name.empty()) {
    architecture.notes.push_back(
        {"dtype_assumed", "The config gives no torch_dtype: bf16 is assumed", {{"dtype", "bf16"}}});
  } else if (name == "float16") {
    architecture.dtype = DType::kFp16;
  } else if (name == "float32") {
    // Engines load such checkpoints in 16 bit (vLLM: --dtype auto).
    architecture.notes.push_back({"float32_served_as_bf16",
                                  "The checkpoint is float32; engines serve it in 16 bit",
                                  {{"dtype", "bf16"}}});
  } else if (name != "bfloat16") {
    config.fail({"out_of_range",
                 config.path_of(key),
                 key + " is " + in_quotes(name),
                 "known: bfloat16, float16, float32",
                 {{"field", key}, {"found", name}, {"known", "bfloat16, float16, float32"}}});
  }
}

}  // namespace

Result<Architecture> read_config(const Json& json, const std::string& path) {
  std::optional<Error> error;
  ObjectReader config(json, path, error);
  const Family* family = error ? nullptr : find_family(config);
  if (error) return *error;

  Architecture architecture;
  architecture.family = family->model_type;
  architecture.architecture = family->architecture;
  architecture.hidden = config.integer("hidden_size", Limits::kHidden);
  architecture.vocabulary = config.integer("vocab_size", Limits::kVocabulary);
  architecture.max_context = config.integer_or("max_position_embeddings", Limits::kContext, 0);
  // Every family here stores lm_head apart unless the config ties it.
  architecture.tied_embeddings = config.boolean_or("tie_word_embeddings", false);
  read_dtype(config, architecture);
  read_quantization(config, architecture);
  if (!error) family->read(config, architecture);
  if (error) return *error;

  constexpr double kMostParameters = 1e15;  // a thousand times the largest published model
  if (count_parameters(architecture).total() > kMostParameters) {
    return Error{"inconsistent_config",
                 path,
                 "The sizes give " + number_text(count_parameters(architecture).total()) +
                     " parameters, more than any model has",
                 "check hidden_size, intermediate_size, the number of layers and of experts",
                 {{"reason", "parameters"}}};
  }
  return architecture;
}

}  // namespace tokencast
