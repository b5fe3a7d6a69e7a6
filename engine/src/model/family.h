// The contract of a model family. To add one: docs/adding-a-family.md.
#ifndef TOKENCAST_MODEL_FAMILY_H_
#define TOKENCAST_MODEL_FAMILY_H_

#include <string_view>
#include <vector>

#include "model/architecture.h"
#include "model/config_reader.h"
#include "model/names.h"

namespace tokencast {

struct Family {
  std::string_view name;   ///< its model_type
  Names classes;           ///< in "architectures", of the language model and of what wraps it
  Names model_types = "";  ///< others than name
  /// What the family takes for keys that a config leaves out: a JSON object. Sizes taken from it
  /// are noted.
  std::string_view defaults = "{}";
  /// Adds layers to an architecture that has the common fields. nullptr: a wrapper whose language
  /// model is named in a section of its own.
  void (*read)(ConfigReader& config, Architecture& architecture) = nullptr;
  /// Adds the encoders that stand beside the language model. config is the whole config.
  void (*read_towers)(ConfigReader& config, Architecture& architecture) = nullptr;
  /// What it takes besides where a wrapper's section says next to nothing (LLaVA's text_config).
  std::string_view section_defaults = "{}";
};

/// Every family that is understood. A model type occurs once.
const std::vector<const Family*>& families();

/// Returns the family of a class name, or nullptr; where families share a class, the one of
/// model_type (RwkvForCausalLM).
const Family* family_of_class(std::string_view name, std::string_view model_type = {});
const Family* family_of_model_type(std::string_view name);

/// The decoder that most families are: what is computed for one that is not known, with a note.
extern const Family kGenericDecoder;

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_FAMILY_H_
