// What repositories hold is read for the status: once, after each backup, and when a person asks.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// Waits for nothing: where nobody can be asked, it is asked later.
void decide_repository_contents(StepBuilder& builder);

}  // namespace annals::fsm
