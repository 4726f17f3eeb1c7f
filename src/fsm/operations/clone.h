// A new cluster's data comes from backups: of another cluster, or of its own repository, which was
// there before it. A process beside `provision`, which waits for the primary meanwhile: the first
// instance's volume is restored by a Job, and no instance starts before it.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kClone;

// Takes up what spec.dataSource asks for while there is no database yet, and what else it asks for
// until the data is there.
void decide_data_source(StepBuilder& builder);

}  // namespace annals::fsm
