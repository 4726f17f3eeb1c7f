// Volumes that have outlived their cluster go when their time is over.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// Of a cluster that has gone.
void decide_expired_volumes(StepBuilder& builder);

}  // namespace annals::fsm
