// Small conversions of text at the edge of the protocol: JSON for YAML, base64. All are pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annals::k8s {

// JSON as a YAML parser reads it too: the few characters that YAML forbids or takes for line breaks
// (U+007F to U+009F, U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF) become \uXXXX. All others stay,
// because YAML knows no pairs of surrogates.
std::string json_for_yaml(std::string json);

// RFC 4648 with padding.
std::string base64_encoded(std::string_view bytes);

// The reverse; line breaks in the input are skipped, as kubectl does. Nothing if
// malformed.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace annals::k8s
