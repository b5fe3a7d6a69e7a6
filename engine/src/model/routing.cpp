#include "model/routing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace tokencast {
namespace {

/// Where wrappers keep their language model.
constexpr Names kSections =
    "text_config llm_config language_config language_model_config thinker_config lm_config "
    "text_model_config";
/// One of them shows that a section describes a model rather than naming one.
constexpr Names kSizes = "hidden_size num_hidden_layers n_embd d_model n_layer";

/// Parts of class names and model types of models that do not generate text token by token from a
/// decoder alone.
struct OtherKind {
  const char* part;
  const char* what;
};
constexpr std::array kOtherKinds = {
    OtherKind{"bert", "a text encoder"},
    OtherKind{"electra", "a text encoder"},
    OtherKind{"xlm-roberta", "a text encoder"},
    OtherKind{"nomic_embed", "a text encoder"},
    OtherKind{"whisper", "a speech recogniser"},
    OtherKind{"wav2vec", "a speech encoder"},
    OtherKind{"hubert", "a speech encoder"},
    OtherKind{"moonshine", "a speech recogniser"},
    OtherKind{"parakeet", "a speech recogniser"},
    OtherKind{"encodec", "an audio codec"},
    OtherKind{"musicgen", "a music generator"},
    OtherKind{"speecht5", "a speech model"},
    OtherKind{"seamless", "a speech translator"},
    OtherKind{"vits", "a speech synthesiser"},
    OtherKind{"bark", "a speech synthesiser"},
    OtherKind{"clap", "an audio encoder"},
    OtherKind{"clip", "an image and text encoder"},
    OtherKind{"siglip", "an image and text encoder"},
    OtherKind{"vit", "an image encoder"},
    OtherKind{"dinov", "an image encoder"},
    OtherKind{"swin", "an image encoder"},
    OtherKind{"resnet", "an image encoder"},
    OtherKind{"convnext", "an image encoder"},
    OtherKind{"detr", "an object detector"},
    OtherKind{"segformer", "an image segmenter"},
    OtherKind{"layoutlm", "a document encoder"},
    OtherKind{"unet", "a diffusion model"},
    OtherKind{"vae", "an autoencoder"},
    OtherKind{"diffusion", "a diffusion model"},
    OtherKind{"llada", "a diffusion language model"},
    OtherKind{"dreammodel", "a diffusion language model"},
    OtherKind{"flux", "a diffusion model"},
    OtherKind{"t5", "an encoder-decoder"},
    OtherKind{"bart", "an encoder-decoder"},
    OtherKind{"marian", "an encoder-decoder"},
    OtherKind{"pegasus", "an encoder-decoder"},
    OtherKind{"m2m_100", "an encoder-decoder"},
    OtherKind{"nllb", "an encoder-decoder"},
    OtherKind{"prophetnet", "an encoder-decoder"},
    OtherKind{"timesfm", "a time series model"},
    OtherKind{"informer", "a time series model"},
    OtherKind{"esm", "a protein encoder"},
};
/// Heads of encoders.
constexpr std::array kOtherHeads = {"ForMaskedLM",
                                    "ForSeq2SeqLM",
                                    "ForSpeechSeq2Seq",
                                    "ForCTC",
                                    "ForImageClassification",
                                    "ForTokenClassification",
                                    "ForQuestionAnswering",
                                    "ForPreTraining"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// The class name that a section gives, or empty.
std::string class_of(ConfigReader& config) {
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

/// Qwen2Model and LlamaForSequenceClassification are decoders without lm_head.
std::string headless_class(const std::string& name) {
  for (const std::string_view end : {"ForSequenceClassification", "ForRewardModel", "TextModel",
                                     "ForTextEncoding", "ForProcessRewardModel", "Model"}) {
    if (ends_with(name, end)) return name.substr(0, name.size() - end.size());
  }
  return "";
}

const Family* headless_family(const std::string& name) {
  const std::string stem = headless_class(name);
  if (stem.empty()) return nullptr;
  if (const Family* family = family_of_class(stem + "ForCausalLM")) return family;
  return family_of_class(stem + "LMHeadModel");
}

/// A decoder's class without its head.
bool lacks_head(const std::string& name) {
  return family_of_class(name) == nullptr && headless_family(name) != nullptr;
}

struct Identity {
  std::string class_name;
  std::string model_type;
  bool empty() const { return class_name.empty() && model_type.empty(); }
  const std::string& name() const { return class_name.empty() ? model_type : class_name; }
};

const Family* family_of(const Identity& identity) {
  if (const Family* family = family_of_class(identity.class_name, identity.model_type)) {
    return family;
  }
  if (const Family* family = headless_family(identity.class_name)) return family;
  return identity.class_name.empty() ? family_of_model_type(identity.model_type) : nullptr;
}

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

/// Whether a part begins a word of a name: "ViTModel" and "MT5EncoderModel" do,
/// "GravityForCausalLM" does not.
bool has_word(const std::string& name, std::string_view part) {
  const std::string small = lower(name);
  for (std::size_t at = small.find(part); at != std::string::npos; at = small.find(part, at + 1)) {
    const bool inside = at > 0 && name[at] == small[at] && is_letter(small[at - 1]);
    if (!inside) return true;
  }
  return false;
}

Error not_a_decoder(const std::string& path, const std::string& name, const std::string& what) {
  return {"not_a_decoder",
          path,
          in_quotes(name) + " is not a decoder language model but " + what,
          "paste the config.json of a model that generates text, such as Llama or Qwen",
          {{"found", name}, {"what", what}}};
}

std::optional<Error> other_kind(ConfigReader& whole, const Identity& identity) {
  if (whole.has("n_mels")) {
    return not_a_decoder(whole.path_of("n_mels"), "Whisper", "a speech recogniser");
  }
  const Json* diffusers = whole.find("_class_name");
  if (diffusers != nullptr && diffusers->is_string()) {
    return not_a_decoder(whole.path_of("_class_name"), diffusers->get<std::string>(),
                         "a part of a diffusion pipeline");
  }
  const std::string& name = identity.name();
  const std::string path =
      member_path(whole.path(), identity.class_name.empty() ? "model_type" : "architectures");
  constexpr std::size_t kShort = 4;  // as short as that a part occurs inside other words
  for (const OtherKind& kind : kOtherKinds) {
    const std::string_view part = kind.part;
    for (const std::string& of : {identity.class_name, identity.model_type}) {
      const bool as_word = part.size() <= kShort && part != "bert";  // but in RoBERTa and DeBERTa
      const bool has = as_word ? has_word(of, part) : lower(of).find(part) != std::string::npos;
      if (has) return not_a_decoder(path, name, kind.what);
    }
  }
  for (const char* head : kOtherHeads) {
    if (ends_with(identity.class_name, head)) return not_a_decoder(path, name, "an encoder");
  }
  if (whole.boolean_or("is_encoder_decoder", false)) {
    return not_a_decoder(path, name, "an encoder-decoder");
  }
  return std::nullopt;
}

bool holds_any(const Json& object, const Names& names) {
  for (const std::string_view key : names) {
    const auto member = object.find(key);
    if (member != object.end() && !member->is_null()) return true;
  }
  return false;
}

/// Sections from the outside in; the last describes the language model.
std::vector<std::pair<const Json*, std::string>> sections_of(const Json& json,
                                                             const std::string& path) {
  std::vector<std::pair<const Json*, std::string>> sections = {{&json, path}};
  constexpr std::size_t kDeepest = 4;  // thinker_config.text_config
  while (sections.size() < kDeepest) {
    const auto [outer, outer_path] = sections.back();
    const std::size_t before = sections.size();
    for (const std::string_view name : kSections) {
      const auto found = outer->find(name);
      if (found == outer->end() || !found->is_object()) continue;
      const auto has = [&found](const Names& names) { return holds_any(*found, names); };
      // A stub beside sizes names a model without describing it (Fuyu); alone it means the model's
      // defaults (LLaVA).
      const bool alone = !holds_any(*outer, kSizes) && has("model_type");
      if (!has(kSizes) && !has(kSections) && !alone) continue;
      sections.emplace_back(&*found, member_path(outer_path, name));
      break;
    }
    if (sections.size() == before) break;
  }
  return sections;
}

/// A family that reads layers itself, not a wrapper.
const Family* reading(const Family* family) {
  return family != nullptr && family->read != nullptr ? family : nullptr;
}

Identity identity_of(ConfigReader& section) {
  Identity identity;
  identity.class_name = class_of(section);
  identity.model_type = section.text_or("model_type", "");
  return identity;
}

/// Forms that name no class: params.json of Mistral and Llama, the first config of Mamba.
Identity identity_of_params(ConfigReader& config) {
  if (config.has("dim") && config.has("n_layers") && config.has("n_heads")) {
    return {"", "params_json"};
  }
  // The first Mamba's own form.
  if (config.has("d_model") && config.has("n_layer") && config.has("ssm_cfg")) {
    return {"", "mamba_ssm"};
  }
  return {};
}

/// The family of a config whose class is not known, with a note that says how it is read.
const Family* family_of_stranger(ConfigReader& whole, const Identity& outer,
                                 const Identity& inner) {
  const bool wrapper_known = family_of(outer) != nullptr;
  const bool of_section = outer.empty() || (wrapper_known && !inner.empty());
  const std::string& name = of_section ? inner.name() : outer.name();
  for (const std::string& type : {inner.model_type, outer.model_type}) {
    const Family* family = reading(family_of_model_type(type));
    if (family == nullptr) continue;
    whole.note("class_not_known",
               in_quotes(name) + " is not known: it is read as " + std::string(family->name) +
                   ", its model_type",
               {{"found", name}, {"family", std::string(family->name)}});
    return family;
  }
  whole.note("generic_decoder",
             in_quotes(name) +
                 " is not a known family: it is computed as a generic decoder, in layers of "
                 "attention and a gated FFN as its keys say",
             {{"found", name}});
  return &kGenericDecoder;
}

}  // namespace

std::optional<Route> find_route(const Json& json, const std::string& path, ReadState& state) {
  const auto sections = sections_of(json, path);
  const bool nested = sections.size() > 1;
  ConfigReader whole(json, path, state);
  for (std::size_t i = 1; i < sections.size(); ++i) {
    whole.then_look_into(*sections[i].first, sections[i].second);
  }
  ConfigReader language_model(*sections.back().first, sections.back().second, state);
  for (std::size_t i = sections.size() - 1; i-- > 0;) {
    language_model.then_look_into(*sections[i].first, sections[i].second);
  }

  ConfigReader outermost(json, path, state);
  ConfigReader innermost(*sections.back().first, sections.back().second, state);
  Identity outer = identity_of(outermost);
  const Identity inner = nested ? identity_of(innermost) : Identity{};
  if (outer.empty() && inner.empty()) outer = identity_of_params(outermost);
  if (state.error) return std::nullopt;
  if (outer.empty() && inner.empty()) {
    state.error = other_kind(whole, outer);
    outermost.fail({"missing_field",
                    outermost.path_of("architectures"),
                    "The config names no model: architectures and model_type are missing",
                    "paste the whole config.json, as the model's repository has it",
                    {{"field", "architectures"}}});
    return std::nullopt;
  }

  for (const auto& [section, section_path] : sections) state.read.insert(section);
  Route route = {nullptr, family_of(outer), outer.class_name, nested, true, language_model, whole};
  route.family = reading(route.wrapper);
  // A section's model_type is what its library goes by; its class is often a leaving.
  if (route.family == nullptr && nested) route.family = reading(family_of(inner));
  if (route.family == nullptr && nested) {
    route.family = reading(family_of_model_type(inner.model_type));
  }
  if (route.family == nullptr) {
    state.error = other_kind(whole, outer);
    if (state.error) return std::nullopt;
    route.family = family_of_stranger(whole, outer, inner);
  } else if (route.wrapper == nullptr && !outer.empty()) {
    whole.note("wrapper_not_known",
               in_quotes(outer.name()) + " is not known: its language model is read as " +
                   std::string(route.family->name) + ", and what stands beside it is not counted",
               {{"found", outer.name()}, {"family", std::string(route.family->name)}});
  }
  if (route.class_name.empty()) {
    route.class_name = inner.class_name.empty() ? route.family->classes.front() : inner.class_name;
  }
  if (lacks_head(outer.class_name)) {
    route.has_head = false;
    whole.note("no_lm_head",
               in_quotes(outer.class_name) + " has no lm_head: it gives embeddings or scores",
               {{"found", outer.class_name}});
  }
  return route;
}

}  // namespace tokencast
