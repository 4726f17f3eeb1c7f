// Valid spec: with a mistake in it nothing is done for a cluster, and people are told which it is
// and what to do about it. What runs goes on as it is.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// True when the spec has no mistake. Otherwise tells people of them, and waits for the correction.
bool accept_spec(StepBuilder& builder);

}  // namespace annals::fsm
