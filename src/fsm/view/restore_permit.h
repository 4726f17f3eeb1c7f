// The permit of a Job of a restore: a ConfigMap without which its pod does not start (see
// manifests/pgbackrest/restore_jobs.h).
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// An object of any cluster; by its name.
bool is_restore_permit(const ObjectRef& ref);

// Of the Job with that hash.
ObjectRef restore_permit_ref(const ClusterState& state, const std::string& hash);

// Those that are there.
std::vector<const ObjectObserved*> restore_permits(const ClusterState& state);

// The permit of this Job of a restore is there.
bool is_permitted(const ClusterState& state, const ObjectObserved& job);

}  // namespace annals::fsm
