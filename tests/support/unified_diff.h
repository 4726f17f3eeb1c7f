// How two texts differ, as `diff -u` shows it: for goldens that people read.
#pragma once

#include <string>
#include <string_view>

namespace annals {

// Empty where they are equal. Of files of some thousand lines: it compares each line with each.
std::string unified_diff(std::string_view expected, std::string_view actual,
                         std::string_view expected_name, std::string_view actual_name);

}  // namespace annals
