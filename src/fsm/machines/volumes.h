// Volumes that cannot have the size that is asked for: people are told, and what was refused is
// asked for again. The rest of the cluster goes on with what there is.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_volumes(StepBuilder& builder);

}  // namespace annals::fsm
