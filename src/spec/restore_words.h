// The options of a restore as they were given, before their meaning is looked at: the words of the
// list's items, each of them an option that a restore of ours takes. Only for restore_options.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spec/findings.h"

namespace annals::spec {

struct GivenOption {
  std::string value;     // "y" or "n" of a flag
  std::size_t item = 0;  // of the list
};

struct GivenOptions {
  std::map<std::string, GivenOption, std::less<>> options;
  std::map<std::string, std::vector<std::string>, std::less<>> names;  // of --db-include, ...
  std::vector<Mistake> mistakes;
};

GivenOptions read_restore_words(const std::vector<std::string>& items, const std::string& path);

// As mistakes show it: in quotes, shortened.
std::string shown_value(std::string_view value);

}  // namespace annals::spec
