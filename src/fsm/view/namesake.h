// What a cluster of the same name has left: pods that still run, and a state of Patroni's.
#pragma once

#include "fsm/model/state.h"
#include "fsm/view/wait.h"

namespace annals::fsm {

// A pod of an earlier cluster of this name; null for none.
const PodObserved* foreign_pod(const ClusterState& state);

// All members say that they have no database, and wait for a leader that none of them can be.
bool is_led_by_nobody(const ClusterState& state);

// Whether a state by which nobody is led may be removed.
bool may_heal(const ClusterState& state);

// Whether instances may start: whatever state there is of Patroni's, they have made it.
Wait wait_for_own_patroni_state(const ClusterState& state);

// What keeps members from a leader that will never come; over when nothing of the kind is known.
Wait wait_for_foreign_patroni_state(const ClusterState& state);

}  // namespace annals::fsm
