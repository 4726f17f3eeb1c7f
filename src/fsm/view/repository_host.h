// The repository host: the pod that serves pgBackRest's repositories on volumes.
#pragma once

#include "fsm/model/state.h"
#include "fsm/view/wait.h"

namespace annals::fsm {

// The pod of the repository host; null while it is not ready.
const PodObserved* repository_host(const ClusterState& state);

// Over where no repository is on a volume.
Wait wait_for_repository_host(ClusterState& state);

}  // namespace annals::fsm
