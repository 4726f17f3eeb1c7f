// Whether the cluster that a primary is to follow has parted from it: asked of that one, in the
// primary's pod, or of the repository.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// Asks, unless it is being asked: what is known is not enough to go by.
void ask_whom_to_follow(StepBuilder& builder);
// The same before an operation goes on; what says no is not asked without a pause.
void ask_whom_to_follow_again(StepBuilder& builder);

// Asks where nobody has, and before an operation goes by the answer; else keeps looking.
void keep_asking_whom_to_follow(StepBuilder& builder);

// It is to follow nobody, or does so by now.
void forget_whom_to_follow(ClusterState& state);

}  // namespace annals::fsm
