// A new cluster waits while an earlier one of its name has volumes here, until somebody says what
// is to become of them.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// True while the new cluster must not begin.
bool hold_for_kept_volumes(StepBuilder& builder);

}  // namespace annals::fsm
