// The desired set: all objects that should exist because of the spec, compared with those that do.
// Self-healing is nothing special: what is missing or different is written, whoever removed or
// changed it.
#pragma once

#include "fsm/rendering.h"
#include "fsm/step_builder.h"

namespace annals::fsm {

// Exists as asked for, and nobody has changed it since.
bool in_place(const ClusterState& state, const Wanted& wanted);

// The first one that is not; null when all are.
const Wanted* first_not_in_place(ClusterState& state);

// The object, and why it could not be written so far.
std::string told_with_failures(const ClusterState& state, const Wanted& wanted);

// What makes it so.
Action write_action(const ClusterState& state, const Wanted& wanted);

void ask_desired_set(StepBuilder& builder);

}  // namespace annals::fsm
