// What the answers of looks mean: they change nothing in the world, and the state remembers them.
// Part of absorb().
#pragma once

#include "fsm/model/state.h"

namespace annals::fsm {

void see_contents(ClusterState& state, const ReadRepository& action, const Outcome& outcome);
void see_archiver(ClusterState& state, const ReadArchiver& action, const Outcome& outcome);
void see_collations(ClusterState& state, const ReadCollations& action, const Outcome& outcome);
void see_standby(ClusterState& state, const ReadStandby& action, const Outcome& outcome);

}  // namespace annals::fsm
