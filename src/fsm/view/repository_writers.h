// Jobs that write to the cluster's repositories: the one of the stanza, and those of all backups,
// whoever starts them (expire is the last part of a backup). pgBackRest's own lock is a file of one
// pod, so these Jobs are begun one at a time, and a restore in place begins when there is none.
#pragma once

#include <string>

#include "fsm/model/state.h"
#include "fsm/view/wait.h"

namespace annals::fsm {

// Over when no other one goes on or is on its way; `own` is the name of the one that asks.
Wait no_other_writer(const ClusterState& state, const std::string& own = {});

}  // namespace annals::fsm
