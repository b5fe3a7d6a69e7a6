// Reads configs as people paste them: JSON, and what looks like it.
//
// Taken beside strict JSON: Python dicts (True, False, None, single quotes, tuples, float("inf"),
// torch.bfloat16), comments
// (#, //, /* */), trailing commas, NaN and Infinity, a byte order mark, and whatever stands around
// the braces: a variable's name, a Markdown fence, headings. Ignored: Python beyond literals
// (expressions, f-strings, concatenated strings).
#ifndef TOKENCAST_BASE_RELAXED_JSON_H_
#define TOKENCAST_BASE_RELAXED_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"

namespace tokencast {

struct PastedObject {
  std::string title;  ///< the line before it that has text in it, cut to 60 bytes; may be empty
  Json value;
};

struct Pasted {
  std::vector<PastedObject> objects;  ///< at least one, in the order of the text
  bool strict = false;  ///< the whole text is one JSON value, NaN and Infinity allowed
};

/// Returns the objects in a pasted text.
///
/// Errors: text_too_large, invalid_json. Of a text that is neither strict nor relaxed JSON the
/// error is where relaxed reading stopped.
Result<Pasted> read_pasted(std::string_view text);

}  // namespace tokencast

#endif  // TOKENCAST_BASE_RELAXED_JSON_H_
