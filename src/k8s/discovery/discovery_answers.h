// What the API server says of its groups and their kinds. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "k8s/resource.h"

namespace annals::k8s {

// The versions of an APIGroup, the preferred one first.
Result<std::vector<std::string>> read_versions(std::string_view body);

// The resource of that kind in an APIResourceList, without its group and version; subresources
// ("pods/log") do not count.
Result<std::optional<Resource>> read_resource(std::string_view body, std::string_view kind);

}  // namespace annals::k8s
