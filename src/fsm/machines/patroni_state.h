// Patroni's state: the objects in which the members of a cluster agree on who leads and what their
// database is. Processes in pods make them under the cluster's names and nobody owns them, so that
// Kubernetes does not collect what a cluster leaves behind, and a pod of it that still runs makes
// them anew. What is there before the first instance is somebody else's: it goes, once no pod runs
// that could write it, and no instance starts before.
#pragma once

#include "fsm/step/step_builder.h"

namespace annals::fsm {

void decide_patroni_state(StepBuilder& builder);

}  // namespace annals::fsm
