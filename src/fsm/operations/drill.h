// Restore drills: by annotation or every so often, the newest backup of a repository is restored to
// a volume that is thrown away, and checked by one Job (manifests/pgbackrest/drill_job.h). What
// came of it is the proof that guards name. A drill holds up nothing: a restore or a shutdown ends
// its Job, and it begins anew afterwards.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kDrill;

void decide_drill(StepBuilder& builder);

}  // namespace annals::fsm
