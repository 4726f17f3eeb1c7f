// Stalled replicas: those that do not come back to their leader by themselves. Who replays from the
// archive without getting nearer may have left the leader's history; Patroni looks for that, and
// rewinds, when it starts. And who waits to become consistent may wait for WAL that an idle leader
// does not write.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_stalled_replicas(StepBuilder& builder);

}  // namespace annals::fsm
