// Finds what a config describes: the section of the language model, and its family.
#ifndef TOKENCAST_MODEL_ROUTING_H_
#define TOKENCAST_MODEL_ROUTING_H_

#include <optional>
#include <string>

#include "model/config_reader.h"
#include "model/family.h"

namespace tokencast {

struct Route {
  const Family* family = nullptr;   ///< of the language model
  const Family* wrapper = nullptr;  ///< what the whole config is of, where that is another family
  std::string class_name;           ///< as the config writes it; else the family's first
  bool nested = false;              ///< the language model has a section of its own
  bool has_head = true;             ///< false: a class without lm_head, such as Qwen3Model
  ConfigReader language_model;      ///< its section, then what surrounds it
  ConfigReader whole;               ///< the config from the outside in
};

/// Returns where to read a config. Routes on the class in "architectures", then on model_type: that
/// one is shared by models that differ (Grok-1 says "mixtral"). A class that is not known falls to
/// the generic decoder, with a note.
///
/// json must be an object. Errors: not_a_decoder, missing_field, wrong_type.
std::optional<Route> find_route(const Json& json, const std::string& path, ReadState& state);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_ROUTING_H_
