// Oscillation: somebody undoes what we write, again and again. Mended three times in ten minutes,
// then told, and left alone for a while.
#pragma once

#include <string>

#include "fsm/step_builder.h"

namespace annals::fsm {

// Whether a change of this target by somebody else is to be undone now; notes that it is, or
// records that it is fought no longer. `reason` says what happened and, where known, who did it.
bool may_mend(StepBuilder& builder, const std::string& target, const std::string& reason);

}  // namespace annals::fsm
