// ObjectRef: which Kubernetes object, by the four parts of its address.
#pragma once

#include <compare>
#include <string>

namespace annals::fsm {

struct ObjectRef {
  std::string api_version;  // "v1", "apps/v1"
  std::string kind;
  std::string name_space;  // empty for a cluster-wide object
  std::string name;

  friend auto operator<=>(const ObjectRef&, const ObjectRef&) = default;
  // First by what tells most of them apart.
  friend bool operator==(const ObjectRef& a, const ObjectRef& b) {
    return a.name == b.name && a.kind == b.kind && a.name_space == b.name_space &&
           a.api_version == b.api_version;
  }
};

// "Service/hippo-primary", as kubectl names it; the namespace is the cluster's own.
inline std::string to_string(const ObjectRef& ref) { return ref.kind + "/" + ref.name; }

}  // namespace annals::fsm
