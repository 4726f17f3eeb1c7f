// Pruning: objects of ours that the spec no longer asks for are deleted, each with the field of the
// spec that went as the reason. Whatever holds something that cannot be made again stays: volume
// claims (data and backups), Secrets (keys, passwords). Instances are not pruned: they leave in
// order, by machines of their own.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// True while spec.backups has gone and nobody has allowed that backups end, which it tells. Nothing
// at all is changed then: a pod of the new spec would archive no WAL.
bool hold_backup_removal(StepBuilder& builder);

// After everything that is asked for is in place.
void decide_pruning(StepBuilder& builder);

}  // namespace annals::fsm
