// What a cluster waits for, in the order in which that is told.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// Machine and blocker: those first that hold up most. The blockers are the state's.
std::vector<std::pair<std::string, const Blocker*>> blockers_of(const ClusterState& state);

// The one that holds up most; null for none.
const Blocker* first_blocker(const ClusterState& state);

// Machine and blocker of the first one whose deadline has passed.
std::optional<std::pair<std::string, const Blocker*>> overdue_blocker(const ClusterState& state);

}  // namespace annals::fsm
