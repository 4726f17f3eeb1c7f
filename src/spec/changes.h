// What differs between two versions of a resource, for people: the reason of what follows from it.
#pragma once

#include <string>
#include <string_view>

namespace annals::spec {

// "spec.image a -> b, spec.instances[0].replicas 2 -> 3": the first few differences by path, each
// value shortened. Both are JSON texts from which secrets have been removed already. Empty when
// nothing differs; text that is no JSON differs as a whole.
std::string changes_between(std::string_view before, std::string_view after);

}  // namespace annals::spec
