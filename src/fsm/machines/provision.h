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

// Asks for what users and databases lack, where there is a primary and nothing is asked for yet;
// and what is waited for, until they are as the spec says.
Wait open_database(StepBuilder& builder, const OperationView& view);
Wait wait_for_users(const OperationView& view);

}  // namespace annals::fsm
