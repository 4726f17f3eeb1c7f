#include "k8s/lens/canonical_json.ipp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/concat.h"

namespace annals::k8s {
namespace {

namespace dom = simdjson::dom;

constexpr int kDepthMax = 256;

void append_value(std::string& text, dom::element value, int depth);

void append_object(std::string& text, dom::object object, int depth) {
  text += '{';
  const char* separator = "";
  for (const auto& [key, inner] : sorted_fields(object)) {
    text += separator;
    append_json_string(text, key);
    text += ':';
    append_value(text, inner, depth);
    separator = ",";
  }
  text += '}';
}

void append_array(std::string& text, dom::array array, int depth) {
  text += '[';
  const char* separator = "";
  for (const dom::element inner : array) {
    text += separator;
    append_value(text, inner, depth);
    separator = ",";
  }
  text += ']';
}

void append_value(std::string& text, dom::element value, int depth) {
  if (depth > kDepthMax) throw simdjson::simdjson_error(simdjson::DEPTH_ERROR);
  switch (value.type()) {
    case dom::element_type::OBJECT:
      return append_object(text, dom::object(value), depth + 1);
    case dom::element_type::ARRAY:
      return append_array(text, dom::array(value), depth + 1);
    case dom::element_type::STRING:
      return append_json_string(text, std::string_view(value));
    case dom::element_type::INT64:
      text += std::to_string(std::int64_t(value));
      return;
    case dom::element_type::UINT64:
      text += std::to_string(std::uint64_t(value));
      return;
    case dom::element_type::DOUBLE:
      text += nlohmann::json(double(value)).dump();  // the shortest form that reads back
      return;
    case dom::element_type::BOOL:
      text += bool(value) ? "true" : "false";
      return;
    case dom::element_type::NULL_VALUE:
      text += "null";
      return;
  }
}

// The letter of a short escape, or '\0'.
char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return '\0';
  }
}

}  // namespace

std::vector<std::pair<std::string_view, dom::element>> sorted_fields(dom::object object) {
  std::vector<std::pair<std::string_view, dom::element>> fields;
  for (const auto field : object) fields.emplace_back(field.key, field.value);
  std::ranges::sort(fields, {}, &std::pair<std::string_view, dom::element>::first);
  return fields;
}

void append_canonical_json(std::string& text, dom::element value) { append_value(text, value, 0); }

void append_json_string(std::string& text, std::string_view content) {
  constexpr std::string_view kHex = "0123456789abcdef";
  text += '"';
  for (const char c : content) {
    const char letter = short_escape(c);
    const auto byte = static_cast<unsigned char>(c);
    if (letter != '\0') {
      text += {'\\', letter};
    } else if (byte < 0x20) {
      text += concat("\\u00", kHex[byte >> 4U], kHex[byte & 0xfU]);
    } else {
      text += c;
    }
  }
  text += '"';
}

}  // namespace annals::k8s
