// The kinds of objects that a cluster owns and that are watched for drift. Pods and the custom
// resource itself have lenses of their own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "k8s/resource.h"

namespace annals::runtime {

struct OwnedKind {
  std::string api_version;
  std::string kind;
  k8s::Resource resource;
};

// By kind, the version in which the API server serves it: {"CronJob", "batch/v1beta1"}. Only kinds
// where that differs between versions of Kubernetes.
using ServedKinds = std::map<std::string, std::string>;

std::vector<OwnedKind> owned_kinds(const ServedKinds& served);

}  // namespace annals::runtime
