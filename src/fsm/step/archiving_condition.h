// "ContinuousArchiving": whether WAL reaches the repositories, under the name that other operators
// have for it.
#pragma once

#include <optional>

#include "fsm/step/restore_conditions.h"

namespace annals::fsm {

// What fails, with pgBackRest's words and the remedy; nothing while WAL is archived, or nobody has
// looked.
std::optional<Message> archive_failure(const ClusterState& state);

// None before the first look, and without backups.
std::optional<RestoreVerdict> continuous_archiving(const ClusterState& state);

}  // namespace annals::fsm
