// Files of sections with keys and values, as pgBackRest reads them. Sorted.
#pragma once

#include <map>
#include <string>

namespace annals::manifests {

using IniSection = std::map<std::string, std::string>;
using Ini = std::map<std::string, IniSection>;

std::string to_text(const Ini& ini);

}  // namespace annals::manifests
