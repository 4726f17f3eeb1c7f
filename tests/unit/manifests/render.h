// A desired set as a YAML stream, for golden files and for kubectl.
#pragma once

#include <string>
#include <vector>

#include "manifests/cluster/desired.h"

namespace annals::manifests {

// Objects and recipes, each headed by its rank and name.
std::string rendered(const std::vector<Desired>& desired);
// Objects only, ready to be applied.
std::string applicable(const std::vector<Desired>& desired);

}  // namespace annals::manifests
