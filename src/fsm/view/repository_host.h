// The repository host: the pod that serves pgBackRest's repositories on volumes.
#pragma once

#include "fsm/model/state.h"
#include "fsm/view/wait.h"

namespace annals::fsm {

// The pod of the repository host; null while it is not ready.
const PodObserved* repository_host(const ClusterState& state);

// The pod that reads repositories in object stores while no instance can: its name, empty while it
// is not needed; itself while it is ready; and why it is not.
std::string repository_reader_pod(ClusterState& state);
const PodObserved* repository_reader(ClusterState& state);
Message trouble_of_reader(ClusterState& state);

// Over where no repository is on a volume.
Wait wait_for_repository_host(ClusterState& state);
// The same for this repository alone: one in an object store waits for no host.
Wait wait_for_host_of(ClusterState& state, const std::string& repo);

}  // namespace annals::fsm
