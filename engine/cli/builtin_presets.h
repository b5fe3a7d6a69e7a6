// The files of presets/, as they were when the program was built.
#ifndef TOKENCAST_CLI_BUILTIN_PRESETS_H_
#define TOKENCAST_CLI_BUILTIN_PRESETS_H_

#include "tokencast/tokencast.h"

namespace tokencast {

Presets builtin_presets();
Calibrations builtin_calibrations();

}  // namespace tokencast

#endif  // TOKENCAST_CLI_BUILTIN_PRESETS_H_
