// The last gate before the journal: byte shapes that are secrets whoever wrote them. What is
// appended can never be erased, so a payload with one of these is refused. The types of facts and
// intents are the first gate; this one catches what slipped through as text. Pure.
#pragma once

#include <string_view>

namespace annals::journal {

// The name of the first shape found, "a PEM private key"; empty when there is none. Known shapes:
// PEM private keys (also in base64), SCRAM verifiers, passwords in URIs, JSON web tokens.
// A URI whose password is only stars has been redacted and passes.
std::string_view find_secret(std::string_view bytes);

}  // namespace annals::journal
