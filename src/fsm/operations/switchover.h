// Switchover and failover on request: spec.patroni.switchover with the annotation
// trigger-switchover. A request is answered once, by its trigger; one that cannot be met is refused
// with its reason, and keeps nothing else from going on.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kSwitchover;

// A switchover, and no failover, has been asked for and was not begun.
bool is_switchover_asked(ClusterState& state);

}  // namespace annals::fsm
