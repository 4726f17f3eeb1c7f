// Shutdown and start: spec.shutdown. Replicas stop first and the leader last, so that nobody is
// promoted on the way; the one that led starts first, so that it leads again with all of the data.
#pragma once

#include "fsm/step_builder.h"

namespace annals::fsm {

// True while it goes on, or the cluster is stopped: nothing else may begin.
bool ask_shutdown(StepBuilder& builder);

}  // namespace annals::fsm
