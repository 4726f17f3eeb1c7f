// A backup of each repository whose archive lacks WAL, begun at once and once for each gap: until
// there is one that begins later, nothing behind the gap can be restored.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_wal_backup(StepBuilder& builder);

}  // namespace annals::fsm
