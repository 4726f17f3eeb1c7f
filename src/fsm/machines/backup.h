// Backup: from a database that is open to one that can be restored. The stanza in each repository,
// then a first backup, from which replicas are made and after which the schedules begin.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kBackup;

void decide_backup(StepBuilder& builder);

}  // namespace annals::fsm
