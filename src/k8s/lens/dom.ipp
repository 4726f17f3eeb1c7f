// Looking up what simdjson's DOM holds; only for the lenses' own files. simdjson_error flies where
// a value is of another type than asked for.
#pragma once

#include <simdjson.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "k8s/lens/canonical_json.ipp"

namespace annals::k8s {

// A member of an object; nothing where it is absent, or this is no object.
inline std::optional<simdjson::dom::element> member(simdjson::dom::element value,
                                                    std::string_view name) {
  simdjson::dom::element found;
  if (!value.is_object() ||
      simdjson::dom::object(value).at_key(name).get(found) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return found;
}

// Text of a member; empty where it is absent. An error where it is anything else.
inline std::string member_text(simdjson::dom::element value, std::string_view name) {
  const std::optional<simdjson::dom::element> found = member(value, name);
  return found ? std::string(std::string_view(*found)) : std::string();
}

inline std::optional<simdjson::dom::element> element_at(
    simdjson::dom::element root, std::initializer_list<std::string_view> path) {
  std::optional<simdjson::dom::element> place = root;
  for (const std::string_view name : path) {
    if (place) place = member(*place, name);
  }
  return place;
}

// What is no text as JSON; nothing where it is absent.
inline std::optional<std::string> text_at(simdjson::dom::element root,
                                          std::initializer_list<std::string_view> path) {
  const std::optional<simdjson::dom::element> place = element_at(root, path);
  if (!place) return std::nullopt;
  if (place->is_string()) return std::string(std::string_view(*place));
  std::string text;
  append_canonical_json(text, *place);
  return text;
}

}  // namespace annals::k8s
