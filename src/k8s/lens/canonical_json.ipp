// Canonical JSON of what simdjson read: keys sorted, no blanks, the same bytes as nlohmann::json's
// dump() gives. Digests and texts in journals are made of it, so it must not change.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::k8s {

// The fields of an object in the order of their names.
std::vector<std::pair<std::string_view, simdjson::dom::element>> sorted_fields(
    simdjson::dom::object object);

// Throws simdjson_error beyond a depth that no object has.
void append_canonical_json(std::string& text, simdjson::dom::element value);
void append_json_string(std::string& text, std::string_view content);

}  // namespace annals::k8s
