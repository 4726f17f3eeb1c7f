// What the versions of pgBackRest in use make of the spec's options, once they are known: that of
// the instances from the log of its archiver, that of the backups from the repository.
#pragma once

#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// Each with its remedy; empty while no version is known.
std::vector<Message> version_doubts(ClusterState& state);

}  // namespace annals::fsm
