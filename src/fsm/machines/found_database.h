// Tells of a database that a new cluster has found on a volume, and that nobody has asked for.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_found_database(StepBuilder& builder);

}  // namespace annals::fsm
