// The desired set: all objects that should exist because of the spec, compared with those that do.
// Self-healing is nothing special: what is missing or different is written, whoever removed or
// changed it.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_desired_set(StepBuilder& builder);

}  // namespace annals::fsm
