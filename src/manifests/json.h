// Json: a Kubernetes object while it is built. Keys are sorted, so equal objects print as equal
// bytes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "spec/opaque.h"

namespace annals::manifests {

using Json = nlohmann::json;

// The value that the user gave, or null where there is none.
Json value_of(const spec::Opaque& opaque);
// The items of the list that the user gave; an empty list where there is none.
Json list_of(const spec::Opaque& opaque);
// Adds the items of one list to another.
void append(Json& list, const Json& more);
// Sets object[name] unless the value is null, an empty string, list or object.
void set_given(Json& object, const std::string& name, Json value);

// The text that is applied and digested.
std::string canonical(const Json& object);

}  // namespace annals::manifests
