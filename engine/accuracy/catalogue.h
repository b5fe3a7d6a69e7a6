// The models and accelerators that rows name, each read once.
#ifndef TOKENCAST_ACCURACY_CATALOGUE_H_
#define TOKENCAST_ACCURACY_CATALOGUE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "accuracy/serving_row.h"
#include "hardware/accelerator.h"
#include "model/architecture.h"
#include "tokencast/tokencast.h"

namespace tokencast::accuracy {

struct Model {
  Architecture architecture;
  std::string note;  ///< where it stands for another model
};

/// Pointers that it gives live as long as it does.
class Catalogue {
 public:
  /// folder holds the configs; presets those of the catalogue and the accelerators.
  Catalogue(std::string folder, const Presets& presets)
      : folder_(std::move(folder)), presets_(presets) {}

  /// Errors: no_config, and those of read_config.
  Result<const Model*> model(const ServingRow& row);

  /// Errors: no_accelerator.
  Result<const Accelerator*> accelerator(const ServingRow& row);

 private:
  Result<std::string> config_text(const ServingRow& row, std::string& note) const;

  std::string folder_;
  const Presets& presets_;
  std::map<std::string, Result<std::unique_ptr<Model>>, std::less<>> models_;
  std::map<std::string, Result<std::unique_ptr<Accelerator>>, std::less<>> accelerators_;
};

}  // namespace tokencast::accuracy

#endif  // TOKENCAST_ACCURACY_CATALOGUE_H_
