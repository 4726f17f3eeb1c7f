// "Standby": whether the cluster follows another one, and what a spec that asks for it is worth.
#pragma once

#include <optional>

#include "fsm/step/restore_conditions.h"

namespace annals::fsm {

// None of a cluster that has a primary of its own and is to have it.
std::optional<RestoreVerdict> standby_verdict(ClusterState& state);

}  // namespace annals::fsm
