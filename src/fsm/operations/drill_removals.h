// Whether the backup that a drill restores was removed meanwhile: by the end of a newer backup,
// which removes older ones (expire). That is no failure of the backup. `end` is how the drill's
// container has ended, null where that is not known.
#pragma once

#include "fsm/model/state.h"
#include "fsm/view/wait.h"

namespace annals::fsm::drill {

// Over once no backup goes on and the repository was read after the last one.
Wait removals_known(ClusterState& state, const ContainerEnd* end);

// By what was read last. A repository that cannot be read says nothing.
bool is_backup_removed(const ClusterState& state, const ContainerEnd* end);

}  // namespace annals::fsm::drill
