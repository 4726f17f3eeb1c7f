// Volumes that outlive their cluster. While it is deleted they are taken out of its hands, before
// anything stops; when their time is over they go. A new cluster of the name waits until somebody
// says what is to become of them.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

// A goal of the deletion: all claims outlive the cluster, and the leader's says that it is that.
Wait volumes_kept(const OperationView& view);
Wait keep_volumes(StepBuilder& builder, const OperationView& view);

// Of a cluster that has gone.
void decide_expired_volumes(StepBuilder& builder);

// True while a new cluster must not begin, since an earlier one of its name has volumes here and
// nobody has said whether it takes them up.
bool hold_for_kept_volumes(StepBuilder& builder);

}  // namespace annals::fsm
