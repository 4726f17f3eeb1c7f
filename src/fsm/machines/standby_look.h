// Looks how far the leader of a standby is, and tells when nothing comes any more. While it is
// promoted, that operation looks.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_standby_look(StepBuilder& builder);

}  // namespace annals::fsm
