// Provision: from a spec to a database that answers. Prepare what pods need, start them, wait until
// Patroni has made one of them the primary, then open it: users and databases. A cluster that is
// open stays so; its desired set heals it.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void ask_provision(StepBuilder& builder);

}  // namespace annals::fsm
