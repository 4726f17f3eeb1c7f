// Backup: from a database that is open to one that can be restored. The stanza in each repository,
// then a first backup, from which replicas are made and after which the schedules begin.
#pragma once

#include "fsm/step_builder.h"
#include "fsm/waits.h"

namespace annals::fsm {

void ask_backup(StepBuilder& builder);

// The pod of the repository host; null while it is not ready.
const PodObserved* repository_host(const ClusterState& state);

// Over where no repository is on a volume.
Wait wait_for_repository_host(ClusterState& state);

}  // namespace annals::fsm
