// Tells of a standby that is asked for and cannot be: standby.h of the views.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_standby(StepBuilder& builder);

}  // namespace annals::fsm
