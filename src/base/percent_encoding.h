// Text in a URL, RFC 3986 section 2.1.
#pragma once

#include <string>
#include <string_view>

namespace annals {

// Everything but unreserved characters and those in `also` becomes %XX.
std::string percent_encoded(std::string_view text, std::string_view also = {});

}  // namespace annals
