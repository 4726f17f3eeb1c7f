// Waits: what a machine cannot do yet, told once when it begins and again when its reason changes
// (I13). Each machine has one at a time, and says it anew in every step in which it is asked; what
// it does not say again is over.
#pragma once

#include "fsm/step/step_builder.h"
#include "fsm/view/wait.h"

namespace annals::fsm {

// What the wait is for, and how long it may take before it is told as a problem.
struct WaitLimit {
  const char* machine;
  const char* transition;
  Duration limit;
};

// Records the wait unless it is the one that stands there already.
void note_wait(StepBuilder& builder, const WaitLimit& awaited, const Wait& wait);

// When all machines have been asked: those that have not said that they wait do so no more.
void end_other_waits(StepBuilder& builder);

}  // namespace annals::fsm
