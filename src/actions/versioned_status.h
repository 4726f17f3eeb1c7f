// The manifest of a cluster's status, for the version of the resource that was read. Pure.
#pragma once

#include <string>
#include <string_view>

#include "actions/cluster_identity.h"
#include "base/result.h"

namespace annals::actions {

// The version of the resource with this JSON. kConflict when this is another resource of that name,
// kInvalid when it is no resource.
Result<std::string> version_of(std::string_view object, const ClusterIdentity& cluster);

// The manifest with the cluster's UID and that version of its resource. Nobody watches a status, so
// nobody would see that an older one came later: with the version, one that was overtaken on its
// way is refused. kInvalid when it is no status.
Result<std::string> versioned_status(std::string_view manifest, const std::string& version,
                                     const ClusterIdentity& cluster);

}  // namespace annals::actions
