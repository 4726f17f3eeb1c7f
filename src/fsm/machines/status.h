// The custom resource's status: a projection of the state, written when it differs from what was
// written last.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_status(StepBuilder& builder);

}  // namespace annals::fsm
