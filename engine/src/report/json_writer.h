// How results become JSON: members in order, whole numbers as such.
#ifndef TOKENCAST_REPORT_JSON_WRITER_H_
#define TOKENCAST_REPORT_JSON_WRITER_H_

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

namespace tokencast {

/// Keeps keys in the order in which they are written.
using OrderedJson = nlohmann::ordered_json;

/// A member of an object that is being written. mutable lets its value be moved out of an
/// initializer list.
struct Member {
  const char* key;
  mutable OrderedJson value;
};

/// Returns the object with these members.
///
/// OrderedJson's own initializer list would do, at ten times the cost: it wraps each member in a
/// list and looks up each key. An answer has a thousand members.
inline OrderedJson object(std::initializer_list<Member> members) {
  OrderedJson::object_t json;
  json.reserve(members.size());
  for (const Member& member : members) json.emplace_back(member.key, std::move(member.value));
  return json;
}

/// Whole numbers without a decimal point: 32763876352, not 3.2763876352e+10.
inline OrderedJson whole(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: above it doubles skip integers
  if (std::floor(value) == value && std::abs(value) <= kExact)
    return static_cast<std::int64_t>(value);
  return value;
}

/// Bytes that are not whole (4.15 bits per weight) take the next whole one.
inline OrderedJson whole_bytes(double value) { return whole(std::ceil(value)); }

}  // namespace tokencast

#endif  // TOKENCAST_REPORT_JSON_WRITER_H_
