// The operation "demotion": a cluster with a primary becomes a standby of another one. Its instances
// stop in order, Patroni's configuration is written while none of them runs, and they start again
// by the operation "startup".
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kDemotion;

}  // namespace annals::fsm
