// The inside of JsonReader, for the files that read JSON with simdjson. simdjson's exceptions end
// here: a reading function may let them fly, read_object() turns them into an Error.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "k8s/text/json.h"

namespace annals::k8s {

namespace ondemand = simdjson::ondemand;

struct JsonReader::Scratch {
  // simdjson reads a little beyond the end: a copy with room for that.
  ondemand::document open(std::string_view bytes) {
    padded.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
    padded.assign(bytes);
    return parser.iterate(
        simdjson::padded_string_view(padded.data(), padded.size(), padded.capacity()));
  }

  std::string padded;
  ondemand::parser parser;
  simdjson::dom::parser dom;   // where fields are looked up in any order
  simdjson::dom::parser keys;  // of small texts inside of what `dom` holds
};

// Calls read(ondemand::object&) for the object that the bytes hold; kInvalid if it holds anything
// else, or if reading finds the bytes malformed or of another type than asked for.
template <class Read>
Result<void> read_object(JsonReader& reader, std::string_view bytes, Read read) {
  try {
    ondemand::document document = reader.scratch().open(bytes);
    ondemand::object object = document.get_object();
    read(object);
    return {};
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Errc::kInvalid, "malformed JSON: ", thrown.what());
  }
}

// Text of a value; null is empty, as absent is.
inline std::string text_of(ondemand::value value) {
  if (value.is_null()) return {};
  const std::string_view text = value.get_string();
  return std::string(text);
}

inline std::int64_t number_of(ondemand::value value) {
  return value.is_null() ? 0 : std::int64_t(value.get_int64());
}
inline bool flag_of(ondemand::value value) { return !value.is_null() && bool(value.get_bool()); }

// Calls use(key, value) for each field of an object; null has none.
template <class Use>
void each_field(ondemand::value value, Use use) {
  if (value.is_null()) return;
  for (auto field : value.get_object()) {
    const std::string_view key = field.unescaped_key();
    ondemand::value content = field.value();
    use(key, content);
  }
}

template <class Use>
void each_field(ondemand::object& object, Use use) {
  for (auto field : object) {
    const std::string_view key = field.unescaped_key();
    ondemand::value content = field.value();
    use(key, content);
  }
}

// Calls use(value) for each element of an array; null has none.
template <class Use>
void each_element(ondemand::value value, Use use) {
  if (value.is_null()) return;
  for (auto element : value.get_array()) {
    ondemand::value item = element.value();
    use(item);
  }
}

// The bytes of an object or array as they stand, without the blanks that follow it.
inline std::string_view raw_json(ondemand::value value) {
  std::string_view text;
  if (value.type() == ondemand::json_type::array) {
    ondemand::array array = value.get_array();
    text = array.raw_json();
  } else {
    ondemand::object object = value.get_object();
    text = object.raw_json();
  }
  while (text.ends_with(' ') || text.ends_with('\n') || text.ends_with('\r') ||
         text.ends_with('\t')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace annals::k8s
