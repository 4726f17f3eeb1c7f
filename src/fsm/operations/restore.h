// The operation `restore`: the data directory of the instance that leads is written anew from a
// repository, in place, at the request of an annotation. Nothing stops before it is known that it
// can be done and that it can be undone; docs/operations/restore.md.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kRestore;

// The first look at a database: what asks for a restore then was asked for before this journal, or
// before there was anything to restore.
void meet_restore_request(ClusterState& state);

}  // namespace annals::fsm
