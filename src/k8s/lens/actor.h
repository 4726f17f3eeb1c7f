// Who wrote an object, by one line of its metadata.managedFields: where an explanation ends in a
// person or a tool.
#pragma once

#include <string>

namespace annals::k8s {

struct Actor {
  std::string manager;    // "kubectl-client-side-apply"
  std::string operation;  // "Apply", "Update"
  std::string time;       // RFC 3339
};

}  // namespace annals::k8s
