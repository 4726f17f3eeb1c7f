// step(): the one function that decides. Pure and total: the same state and event give the same
// step, on any machine, with any compiler; there is no clock, no randomness and no I/O in it. Live
// operation, restart, annals-replay and the simulator all call this one.
#pragma once

#include <span>

#include "fsm/model/behaviour.h"
#include "fsm/model/fact.h"
#include "fsm/step/step.h"

namespace annals::fsm {

struct OperationKind;
class Renderings;

// The tables of what goes on beside operations, each on its own.
std::span<const OperationKind* const> processes();

// A cluster about which nothing is known yet.
ClusterState initial_state(ClusterUid uid);

// First takes in what the event says, then asks each machine once, in a fixed order. `renderings`:
// where what specs are rendered to is shared with other clusters and other lives of this one; null
// where it is not. It decides nothing.
Step step(ClusterState state, const Event& event, Renderings* renderings = nullptr);

// The same in place, for whoever has many events: a state is large, and moving it is dear. What was
// made of the event before is gone.
void advance(Step& made, const Event& event, Renderings* renderings = nullptr);

}  // namespace annals::fsm
