// Manual backup: an annotation of the cluster asks for it, spec.backups.pgbackrest.manual says how.
// One value of the annotation is one request, and one request is one Job, whatever crashes
// meanwhile: the Job bears the request, and an answered one is remembered.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kManualBackup;

// The first look at a cluster: what asks for a backup of a database that was there already was
// asked before this journal began. Also while the cluster is paused.
void meet_backup_request(StepBuilder& builder);

void decide_manual_backup(StepBuilder& builder);

}  // namespace annals::fsm
