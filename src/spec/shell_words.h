// Words as a shell makes them of a line, without its substitutions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::spec {

// Blanks part words; '...' and "..." hold what they hold together, and a backslash takes the next
// character as it is, as in a shell. $ and ` have no meaning. Nothing where a quote or a backslash
// has no end.
std::optional<std::vector<std::string>> shell_words(std::string_view line);

}  // namespace annals::spec
