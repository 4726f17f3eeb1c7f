// Operations take turns: at most one that interrupts anything goes on at a time (I11).
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void ask_operations(StepBuilder& builder);

}  // namespace annals::fsm
