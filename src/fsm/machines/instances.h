// Instances of a cluster that is open: each is to have a pod that is ready, one of them leads, and
// the others stream from it. Nobody is kept from anything by that, and Patroni and Kubernetes mend
// it: here it is only waited for, so that an instance that is missing is told.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kInstances;

}  // namespace annals::fsm
