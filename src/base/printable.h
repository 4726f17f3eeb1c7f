// What came from a stranger and goes into a message. Pure.
#pragma once

#include <string>
#include <string_view>

namespace annals {

// For messages and logs: control characters and bytes that are not UTF-8 become '?', and what is
// longer than `max` bytes is cut.
std::string printable(std::string_view text, std::size_t max);

bool is_utf8(std::string_view text);

}  // namespace annals
