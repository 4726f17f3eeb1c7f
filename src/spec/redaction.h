// Redaction: what of a resource's text is never recorded. Passwords and keys belong into Secrets,
// but nothing stops a person from writing one into the resource itself; what is observed goes into
// a journal that never forgets, so its value is replaced before. A resource with such a place is
// not acted upon: what would be made of it could not be told from the record. Pure.
#pragma once

#include <string>
#include <string_view>

#include "spec/findings.h"

namespace annals::spec {

// Stands for a secret. A URI whose password is this passes every later check.
inline constexpr std::string_view kRedacted = "********";

// The JSON text with each secret value replaced: of members and environment variables that are
// named for one, behind "password=" and its like in any text or name of a member, in URIs, and
// private keys, SCRAM verifiers and web tokens by their shape. What is left has none of the shapes
// that the journal refuses. Text that is no JSON becomes one that says so.
std::string redacted(std::string_view json);

// The same for a text alone, such as what another program says of an error.
std::string redacted_text(std::string text);

// A mistake for each place that was redacted, with its path; `json` is what redacted() gave.
std::vector<Mistake> redacted_places(std::string_view json);

}  // namespace annals::spec
