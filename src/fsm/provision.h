// Provision: from a spec to a database that answers. Prepare what pods need, start them, wait until
// Patroni has made one of them the primary, then open it: users and databases. A cluster that is
// open stays so; its desired set heals it.
#pragma once

#include "fsm/step_builder.h"

namespace annals::fsm {

void ask_provision(StepBuilder& builder);

// Users and databases are as asked for, and nothing is owed before that.
bool is_open(ClusterState& state);

// The pod that Patroni made the primary and that is ready; null when there is none.
const PodObserved* primary(const ClusterState& state);

}  // namespace annals::fsm
