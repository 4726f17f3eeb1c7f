// Of a primary whose cluster is to follow another one: asks whether anything has parted, and tells
// why it is no standby yet (demotion.h of the views).
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_standby(StepBuilder& builder);

}  // namespace annals::fsm
