// Whether PostgreSQL gets rid of its WAL: its archiver is asked regularly, more often while it
// fails.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_archiver(StepBuilder& builder);

}  // namespace annals::fsm
