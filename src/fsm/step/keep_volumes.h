// Volumes that outlive their cluster: while it is deleted they are taken out of its hands, before
// anything stops.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

// A goal of the deletion: all claims outlive the cluster, and the leader's says that it is that.
Wait volumes_kept(const OperationView& view);
Wait keep_volumes(StepBuilder& builder, const OperationView& view);

}  // namespace annals::fsm
