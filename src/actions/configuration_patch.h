// The merge patch that replaces the configuration which Patroni's members share, where Patroni
// keeps it in Kubernetes: the annotation `config` of an Endpoints or ConfigMap
// (patroni/dcs/kubernetes.py). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actions/cluster_identity.h"
#include "base/clock.h"
#include "base/result.h"

namespace annals::actions {

// From the object's JSON as it was read. Nothing when it is so already. kInvalid when it is no such
// object, kConflict when it is another cluster's or has no configuration yet.
Result<std::optional<std::string>> configuration_patch(std::string_view object,
                                                       const std::string& configuration,
                                                       const ClusterIdentity& cluster);

// The pod that holds the lock, from the JSON of the object that says so; empty for nobody, and when
// it has not been renewed for two times its time to live. kInvalid when it is no such object.
Result<std::string> holder_of_lock(std::string_view object, Timestamp now);

}  // namespace annals::actions
