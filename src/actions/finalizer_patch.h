// The merge patch that adds our finalizer to a custom resource, or takes it away. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// From the resource's JSON as it was read; other finalizers stay. Nothing when it is so already, or
// when this is another resource of that name. kInvalid when it is no resource.
Result<std::optional<std::string>> finalizer_patch(std::string_view object,
                                                   const fsm::SetFinalizer& intent);

}  // namespace annals::actions
