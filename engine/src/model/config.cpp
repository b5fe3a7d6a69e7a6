#include "model/config.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "model/assign_formats.h"
#include "model/decoder.h"
#include "model/family.h"
#include "model/gguf_metadata.h"
#include "model/quantization.h"
#include "model/routing.h"
#include "model/towers.h"
#include "model/unknown_keys.h"
#include "model/weights.h"

namespace tokencast {
namespace {

void read_dtype(ConfigReader& config, Architecture& architecture) {
  const std::string name = config.text_or(key::kDType, "");
  if (config.failed()) return;
  const std::string key = config.has("torch_dtype") ? "torch_dtype" : "dtype";
  if (name.empty()) {
    // Qwen 1 says it with booleans.
    if (config.boolean_or("fp16", false)) {
      architecture.dtype = DType::kFp16;
    } else if (!config.boolean_or("bf16", false)) {
      config.note("dtype_assumed", "The config gives no torch_dtype: bf16 is assumed",
                  {{"dtype", "bf16"}});
    }
  } else if (name == "float16" || name == "half" || name == "fp16") {
    architecture.dtype = DType::kFp16;
  } else if (name == "float32" || name == "fp32") {
    // Engines load such checkpoints in 16 bit (vLLM: --dtype auto).
    config.note("float32_served_as_bf16", "The checkpoint is float32; engines serve it in 16 bit",
                {{"dtype", "bf16"}});
  } else if (name.starts_with("float8")) {
    // The dtype beside a quantization is that of what is not quantized; here it was overwritten.
    config.note("dtype_assumed",
                "torch_dtype " + in_quotes(name) +
                    " is that of quantized weights: bf16 is assumed for the others",
                {{"dtype", "bf16"}});
  } else if (name != "bfloat16" && name != "bf16") {
    config.fail({"out_of_range",
                 config.path_of(key::kDType),
                 key + " is " + in_quotes(name),
                 "known: bfloat16, float16, float32",
                 {{"field", key}, {"found", name}, {"known", "bfloat16, float16, float32"}}});
  }
}

void read_common(ConfigReader& config, Architecture& architecture) {
  architecture.hidden = config.integer(key::kHiddenSize, Limits::kHidden);
  // Where the table is padded, that is what is stored (ChatGLM).
  const bool padded = config.has("padded_vocab_size");
  config.ignore(key::kVocabulary);
  architecture.vocabulary =
      config.integer(padded ? Names("padded_vocab_size") : key::kVocabulary, Limits::kVocabulary);
  architecture.max_context = config.integer_or(key::kContext, Limits::kContext, 0);
  architecture.tied_embeddings = config.boolean_or(key::kTied, false);
  architecture.final_norm_elements = architecture.hidden;
  read_dtype(config, architecture);
}

/// Modules of the checkpoint that predict tokens further ahead are listed apart.
void note_mtp(ConfigReader& config, const Architecture& architecture) {
  if (architecture.mtp_modules == 0) return;
  const std::string modules = std::to_string(architecture.mtp_modules);
  config.note("mtp_not_counted",
              modules + " multi-token-prediction layer(s) of the checkpoint are not counted",
              {{"layers", modules}});
}

/// What the family's defaults stood in for.
void note_defaults(ReadState& state) {
  if (state.defaults.empty()) return;
  std::sort(state.defaults.begin(), state.defaults.end());
  const auto last = std::unique(state.defaults.begin(), state.defaults.end());
  state.defaults.erase(last, state.defaults.end());
  const std::string fields = joined(state.defaults);
  state.notes.push_back({"family_defaults",
                         "The config leaves out what its family takes for granted: " + fields,
                         {{"fields", fields}}});
}

/// An unknown class that cannot be read as a decoder is not an error of the user's.
Error not_generic(const Route& route, const Error& cause) {
  const std::string name = in_quotes(route.class_name);
  return {"unsupported_architecture",
          cause.path,
          name + " is not a known family, and does not read as a generic decoder: " + cause.message,
          "nothing needs to change in the config: this model is not supported yet",
          {{"found", route.class_name}, {"cause", cause.message}}};
}

Error too_many_parameters(const std::string& path, double parameters) {
  return {"inconsistent_config",
          path,
          "The sizes give " + number_text(parameters) + " parameters, more than any model has",
          "check hidden_size, intermediate_size, the number of layers and of experts",
          {{"reason", "parameters"}}};
}

Error no_layers(const std::string& path) {
  return {"inconsistent_config",
          path,
          "The config leaves the model without a layer",
          "check the number of layers and the lists that name them",
          {{"reason", "no_layers"}}};
}

}  // namespace

Result<Architecture> read_config(const Json& json, const std::string& path) {
  if (is_gguf_metadata(json)) return read_config(gguf_to_config(json), path);
  ReadState state;
  if (!json.is_object()) {
    return Error{"wrong_type",
                 path,
                 "Expected an object, found " + shown(json),
                 "write an object: { … }",
                 {{"expected", "object"}, {"found", shown(json)}}};
  }
  const std::optional<Route> route = find_route(json, path, state);
  if (state.error) return *state.error;
  if (!route) return Error{};  // never: a route is missing only with an error

  Architecture architecture;
  architecture.family = route->family->name;
  architecture.architecture = route->class_name;
  architecture.lm_head = route->has_head;
  ConfigReader config = route->language_model;
  Json defaults = json_of(route->family->defaults);
  if (route->nested) defaults.update(json_of(route->family->section_defaults));
  config.default_to(defaults);
  read_common(config, architecture);
  if (!state.error) read_quantization(config, architecture);
  if (!state.error) route->family->read(config, architecture);
  if (!state.error && route->family == &kGenericDecoder && architecture.lm_head &&
      !config.has(key::kTied)) {
    config.note("head_assumed",
                "The config does not say whether the head is the embedding table "
                "(tie_word_embeddings): one of its own is counted",
                {});
  }
  if (state.error && route->family == &kGenericDecoder) {
    return not_generic(*route, *state.error);
  }
  if (!state.error) {
    ConfigReader whole = route->whole;
    read_towers(*route, whole, architecture);
  }
  if (!state.error) note_mtp(config, architecture);
  if (!state.error) check_unread_keys(*route, config);
  if (state.error) return *state.error;
  note_defaults(state);
  if (architecture.layers.empty()) return no_layers(path);

  constexpr double kMostParameters = 1e15;  // a thousand times the largest published model
  const double parameters = count_parameters(architecture).total();
  if (parameters > kMostParameters) return too_many_parameters(path, parameters);
  architecture.notes = std::move(state.notes);
  assign_checkpoint_formats(architecture);
  return architecture;
}

}  // namespace tokencast
