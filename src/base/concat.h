// concat: one string out of text, numbers and ids, for messages. Debian 12's libstdc++ has no
// <format>, and a formatting library is more than the pure core should depend on.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/clock.h"  // a Timestamp is of std, so its to_string must be seen here

namespace annals {

template <class Part>
void append_part(std::string& text, const Part& part) {
  if constexpr (std::convertible_to<const Part&, std::string_view>) {
    text += std::string_view(part);
  } else if constexpr (std::same_as<Part, char>) {
    text += part;
  } else if constexpr (std::same_as<Part, bool>) {
    text += part ? "true" : "false";
  } else if constexpr (std::is_arithmetic_v<Part>) {
    text += std::to_string(part);
  } else {
    text += to_string(part);  // found beside the type
  }
}

// Of text; anything else is short.
template <class Part>
std::size_t size_of_part(const Part& part) {
  if constexpr (std::convertible_to<const Part&, std::string_view>) {
    return std::string_view(part).size();
  } else {
    return 0;
  }
}

template <class... Parts>
[[nodiscard]] std::string concat(const Parts&... parts) {
  std::string text;
  text.reserve((std::size_t{0} + ... + size_of_part(parts)));
  (append_part(text, parts), ...);
  return text;
}

}  // namespace annals
