// Removes one backup from a repository when an annotation asks for it: `pgbackrest expire --set`.
// One value is answered once.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kExpireBackup;

// What was asked for before this journal is left alone.
void meet_removal_request(ClusterState& state);
void decide_expire_backup(StepBuilder& builder);

}  // namespace annals::fsm
