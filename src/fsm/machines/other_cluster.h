// While nobody leads a cluster whose members ask another one first: looks whether that one leads,
// and tells it with what a person can do.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_other_cluster(StepBuilder& builder);

}  // namespace annals::fsm
