// Where to find the config of a model that results name.
#ifndef TOKENCAST_ACCURACY_MODEL_TABLE_H_
#define TOKENCAST_ACCURACY_MODEL_TABLE_H_

#include <string>
#include <string_view>

namespace tokencast::accuracy {

/// One of the three is given; all empty: the model is not known.
struct ConfigPlace {
  std::string_view file;    ///< in the folder of configs, without .json
  std::string_view preset;  ///< of the catalogue
  std::string_view config;  ///< its text
  std::string_view note;    ///< where it is another model of the same or nearly the same shape
};

/// Returns the place for a model id as hubs write it, of models without a config of their own.
ConfigPlace place_of(std::string_view model);

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_MODEL_TABLE_H_
