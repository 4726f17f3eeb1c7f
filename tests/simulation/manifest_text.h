// Reading of manifests without parsing them: their text is canonical (sorted keys, no spaces), so a
// member is found by the bytes of its name. A real parser would take most of a run's time.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "base/concat.h"

namespace annals::simulation {

// The text value of the first member of this name behind the place `after`; empty without one.
inline std::string text_member(std::string_view json, std::string_view name,
                               std::string_view after = {}) {
  const std::size_t begin = after.empty() ? 0 : json.find(after);
  if (begin == std::string_view::npos) return {};
  const std::string start = concat("\"", name, "\":\"");
  const std::size_t at = json.find(start, begin);
  if (at == std::string_view::npos) return {};
  const std::size_t value = at + start.size();
  return std::string(json.substr(value, json.find('"', value) - value));
}

inline int number_member(std::string_view json, std::string_view name, int otherwise) {
  const std::string start = concat("\"", name, "\":");
  const std::size_t at = json.find(start);
  if (at == std::string_view::npos) return otherwise;
  int value = otherwise;
  const std::string_view digits = json.substr(at + start.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

inline std::string label(std::string_view json, std::string_view name) {
  return text_member(json, concat("postgres-operator.crunchydata.com/", name));
}

// metadata.uid, which stands behind the owners; empty where none is asked for.
inline std::string uid_asked_for(std::string_view json) { return text_member(json, "uid", "}],"); }

}  // namespace annals::simulation
