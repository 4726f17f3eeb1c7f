// Restart: parameters that PostgreSQL reads only when it starts. One member at a time, inside of
// its pod; replicas first, but the leader first where a value goes down that a replica may not have
// below its leader's.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kRestart;

}  // namespace annals::fsm
