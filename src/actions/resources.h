// From an object's apiVersion and kind to its place in URLs.
#pragma once

#include "base/result.h"
#include "fsm/model/intent.h"
#include "k8s/resource.h"

namespace annals::actions {

// kInvalid for a kind that nothing of ours writes.
Result<k8s::Resource> resource_of(const fsm::ObjectRef& ref);

inline k8s::ObjectName name_of(const fsm::ObjectRef& ref) { return {ref.name_space, ref.name}; }

}  // namespace annals::actions
