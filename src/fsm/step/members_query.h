// How far behind a cluster's members are: what Patroni says of them, asked for when it is too old.
#pragma once

#include <chrono>
#include <string>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

inline constexpr std::chrono::seconds kMembersFresh{10};  // Patroni itself looks as often as that

// What Patroni says of its members, not older than that; null while it has to be asked, which is
// done here, in the name of this machine.
const MembersSeen* fresh_members(StepBuilder& builder, const char* machine, const Message& reason);

// Why there is no answer yet: what the last question met, or that nobody can be asked. Empty while
// one is on its way.
Message obstacle_to_members(const ClusterState& state);

}  // namespace annals::fsm
