// Switchover and failover on request: spec.patroni.switchover with the annotation
// trigger-switchover. A request is answered once, by its trigger; one that cannot be met is refused
// with its reason, and keeps nothing else from going on.
#pragma once

#include "fsm/step_builder.h"

namespace annals::fsm {

// True while it goes on, so that nothing else may begin.
// A switchover, and no failover, has been asked for and was not begun.
bool is_switchover_asked(ClusterState& state);

bool ask_switchover(StepBuilder& builder);

}  // namespace annals::fsm
