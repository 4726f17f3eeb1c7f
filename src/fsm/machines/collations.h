// Whether the library that compares texts is the one by which indexes were ordered is looked at for
// each new primary, after users and databases are written, and when a person asks; and regularly
// for as long as it is not.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// Nothing waits for the answer.
void decide_collations(StepBuilder& builder);

}  // namespace annals::fsm
