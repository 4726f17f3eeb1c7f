// Deletion: a custom resource waits for us while it is deleted, so that PostgreSQL is stopped in
// order and Patroni's state does not outlive the cluster. Kubernetes collects the rest by its
// owners.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

struct OperationKind;

// Asks Kubernetes to wait for us, before there is anything to lose.
void decide_finalizer(StepBuilder& builder);

// Volumes first, where they are to outlive the cluster: who leads is known while somebody does.
// Then replicas and then the primary, so that nobody is promoted on the way; then Patroni's state;
// then the custom resource may go.
extern const OperationKind kDeletion;

}  // namespace annals::fsm
