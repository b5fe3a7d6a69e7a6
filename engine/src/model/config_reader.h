// Reads the fields of a config: what the language model's section says, else what stands around it,
// else the family's default.
#ifndef TOKENCAST_MODEL_CONFIG_READER_H_
#define TOKENCAST_MODEL_CONFIG_READER_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "model/names.h"

namespace tokencast {

/// What reading one config has come to. The first error is kept; later reads return fallbacks.
struct ReadState {
  std::optional<Error> error;
  std::vector<Note> notes;
  std::set<const Json*> read;         ///< members that were asked for
  std::vector<std::string> defaults;  ///< "head_dim 256": taken from the family's defaults
};

/// Reads one section. Values may be written as people do: "4096" and 4096.0 are 4096, "true" is
/// true. null counts as absent.
class ConfigReader {
 public:
  /// section must be an object and outlive the reader, as must state.
  ConfigReader(const Json& section, std::string path, ReadState& state);

  /// Looks into another section after those known so far: what surrounds this one.
  void then_look_into(const Json& section, const std::string& path);
  /// Looks into the family's defaults last. Sizes taken from them are kept in the state.
  void default_to(const Json& defaults) { defaults_ = &defaults; }

  /// Returns the first member of these names that is present, or nullptr. Marks it as read.
  const Json* find(const Names& names) const;
  bool has(const Names& names) const { return find(names) != nullptr; }
  /// Returns the JSON pointer of the member that find returns; of the first name where there is
  /// none.
  std::string path_of(const Names& names) const;

  std::int64_t integer(const Names& names, Range range);  ///< required
  std::int64_t integer_or(const Names& names, Range range, std::int64_t fallback);
  double number_or(const Names& names, Range range, double fallback);
  bool boolean_or(const Names& names, bool fallback);
  std::string text_or(const Names& names, const std::string& fallback);

  /// Returns one value for each layer: a list's, or the same for all. Lists may be longer (MTP
  /// layers come last). absent: taken where there is no such member.
  std::vector<std::int64_t> per_layer(const Names& names, Range range, std::int64_t layers,
                                      std::int64_t absent);
  /// Returns the numbers in a list; empty when absent.
  std::vector<std::int64_t> integers(const Names& names, Range range);
  /// Returns the texts in a list; empty when absent.
  std::vector<std::string> texts(const Names& names);
  /// Returns the reader of a member that is an object; absent ones read as empty.
  ConfigReader object(const Names& names) const;
  /// The section itself.
  const Json& json() const { return *sections_.front().json; }
  const std::string& path() const { return sections_.front().path; }
  /// Keys of the section and of what surrounds it that nobody asked for, at most some thousand.
  std::vector<std::string> keys() const;
  struct Member {
    std::string key;
    const Json* value;
    std::string path;
  };
  /// Members that nobody asked for, null ones left out.
  std::vector<Member> unread() const;

  /// Marks members as understood that change nothing which is counted.
  void ignore(const Names& names) const { find(names); }

  void fail(Error error);
  /// Reports that fields contradict each other. reason names the translation.
  void contradiction(const Names& names, const std::string& reason, const std::string& message,
                     const std::string& hint, Params params = {});
  bool failed() const { return state_->error.has_value(); }
  void note(const std::string& code, const std::string& message, Params params = {});
  ReadState& state() const { return *state_; }

 private:
  struct Section {
    const Json* json;
    std::string path;
  };
  struct Found {
    const Json* value = nullptr;
    std::string name;
    std::string path;
    bool is_default = false;
  };

  Found look_up(const Names& names) const;
  /// Returns the number that a member holds; reports any other.
  std::optional<double> number_in(const Found& found, const std::string& expected);
  std::optional<std::int64_t> integer_in(const Found& found, Range range);
  void note_default(const Found& found);

  std::vector<Section> sections_;
  const Json* defaults_ = nullptr;
  ReadState* state_;
};

}  // namespace tokencast

#endif  // TOKENCAST_MODEL_CONFIG_READER_H_
