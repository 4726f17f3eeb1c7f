// Provision: from a spec to a database that answers. Prepare what pods need, start them, wait until
// Patroni has made one of them the primary, then open it: users and databases. A cluster that is
// open stays so; its desired set heals it.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kProvision;

// Users and databases are written whenever they are asked for differently, also long after the
// first time.
extern const OperationKind kUsers;

}  // namespace annals::fsm
