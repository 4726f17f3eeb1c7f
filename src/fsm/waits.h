// Waits: what a machine cannot do yet, told once when it begins and again when its reason changes
// (I13). A cluster has one blocker at a time: the first thing that it waits for.
#pragma once

#include "fsm/step_builder.h"
#include "fsm/wait.h"

namespace annals::fsm {

// What the wait is for, and how long it may take before it is told as a problem.
struct Awaited {
  const char* machine;
  const char* transition;
  Duration limit;
};

// Records the wait unless it is the one that stands there already.
void note_wait(StepBuilder& builder, const Awaited& awaited, const Wait& wait);

// Waits no longer for that; another machine's wait stays.
void end_wait(ClusterState& state, const Awaited& awaited);

}  // namespace annals::fsm
