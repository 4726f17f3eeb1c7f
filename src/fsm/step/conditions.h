// Conditions: what a person, kubectl wait or a dashboard sees of a cluster's state. Each says why
// it is as it is; none is true while its predicate does not hold (I13).
#pragma once

#include "fsm/model/state.h"

namespace annals::fsm {

// Brings state.conditions up to date; a condition's time changes only with its status.
void update_conditions(ClusterState& state);

}  // namespace annals::fsm
