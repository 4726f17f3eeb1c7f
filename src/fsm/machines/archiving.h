// Whether the primary archives its WAL is looked at regularly, for each new primary, when a backup
// fails, and when a person asks: nobody wants to learn it on the day of a restore.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// Nothing waits for the answer.
void decide_archiving(StepBuilder& builder);

}  // namespace annals::fsm
