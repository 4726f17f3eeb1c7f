// The kinds of objects that a cluster owns and that are watched for drift. Pods and the custom
// resource itself have lenses of their own.
#pragma once

#include <vector>

#include "k8s/resource.h"

namespace annals::runtime {

struct OwnedKind {
  const char* api_version;
  const char* kind;
  k8s::Resource resource;
};

std::vector<OwnedKind> owned_kinds();

}  // namespace annals::runtime
