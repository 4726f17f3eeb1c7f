// Restart: parameters that PostgreSQL reads only when it starts. One member at a time, inside of
// its pod; replicas first, but the leader first where a value goes down that a replica may not have
// below its leader's.
#pragma once

#include "fsm/step_builder.h"

namespace annals::fsm {

// True while it goes on, so that nothing else may begin.
bool ask_restart(StepBuilder& builder);

}  // namespace annals::fsm
