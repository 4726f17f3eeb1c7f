// The digest of a JSON text, however it is laid out and its keys are sorted. It stands in journals.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "k8s/text/json.h"

namespace annals::k8s {

// SHA-256 over the canonical form; empty when it is no JSON.
std::string digest_of_json(JsonReader& reader, std::string_view text);

}  // namespace annals::k8s
