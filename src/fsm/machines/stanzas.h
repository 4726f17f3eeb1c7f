// The stanza of the database in each repository, each by itself: one that cannot be reached holds
// up no other one.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// Takes note of the repositories that the spec has, and makes the stanzas that are missing.
void decide_stanzas(StepBuilder& builder);

}  // namespace annals::fsm
