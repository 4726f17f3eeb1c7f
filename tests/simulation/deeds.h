// Deeds: what each action does to the world when it arrives there, all at once. One function per
// alternative of fsm::Action: a new one does not compile until it is said here what it does.
#pragma once

#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"
#include "tests/simulation/world.h"

namespace annals::simulation {

fsm::Outcome carry_out(World& world, const fsm::Intent& intent,
                       const actions::ClusterIdentity& cluster);

}  // namespace annals::simulation
