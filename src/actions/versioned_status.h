// The manifest of a cluster's status, for the version of the resource that was read. Pure.
#pragma once

#include <string>
#include <string_view>

#include "actions/cluster_identity.h"
#include "base/result.h"

namespace annals::actions {

// The manifest with UID and version of the resource's JSON as it was read. Nobody watches a status,
// so nobody would see that an older one came later: with the version, one that was overtaken on
// its way is refused. kConflict when this is another resource of that name, kInvalid when it is no
// resource.
Result<std::string> versioned_status(std::string_view manifest, std::string_view object,
                                     const ClusterIdentity& cluster);

}  // namespace annals::actions
