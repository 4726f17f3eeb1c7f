// A cluster that may take writes again has no receipt: the one of its last shutdown leaves the
// status at once, and is replaced in the repositories when there is a primary that reaches them.
// Nothing waits for that. The Job goes with what it has said, once that is known.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_stale_receipts(StepBuilder& builder);

}  // namespace annals::fsm
