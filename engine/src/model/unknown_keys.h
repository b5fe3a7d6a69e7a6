// Keys of a config that nobody read: spelling errors, concepts that a family does not have, and in
// a family that is not known, what would have to be understood.
#ifndef TOKENCAST_MODEL_UNKNOWN_KEYS_H_
#define TOKENCAST_MODEL_UNKNOWN_KEYS_H_

#include "model/config_reader.h"
#include "model/routing.h"

namespace tokencast {

/// Notes keys that are a known one misspelled, and keys that name a part which the family did not
/// read. Of a family that is not known, refuses keys that are not understood.
///
/// Errors: unsupported_architecture (with the keys).
void check_unread_keys(const Route& route, ConfigReader& config);

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_UNKNOWN_KEYS_H_
