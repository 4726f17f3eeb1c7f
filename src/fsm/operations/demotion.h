// The operation "demotion": a cluster with a primary becomes a standby of another one. Its
// instances stop in order, a receipt is made of how it ended, Patroni's configuration is written
// while none of them runs, and they start again by the operation "startup".
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kDemotion;

}  // namespace annals::fsm
