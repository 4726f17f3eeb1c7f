// YAML for configuration files that people read in ConfigMaps: block style, keys sorted, strings
// quoted where YAML would take them for something else. Deterministic, and YAML's reading gives the
// same value.
#pragma once

#include <string>

#include "manifests/json.h"

namespace annals::manifests {

std::string to_yaml(const Json& value);

}  // namespace annals::manifests
