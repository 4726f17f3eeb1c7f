// Retired instances: those that the spec no longer asks for. What is left of them goes: what runs
// them first, then what their pods were configured by and, when their time is over, their volumes.
// Interrupts nothing.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_retired(StepBuilder& builder);

}  // namespace annals::fsm
