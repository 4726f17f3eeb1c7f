// What Patroni's members share, as the spec asks for it, and who is asked to take it.
#pragma once

#include "fsm/model/state.h"

namespace annals::fsm {

ConfigurePatroni configuration_for(ClusterState& state, const PodObserved& leader);

// With the cluster to follow in it, while none of them runs.
WriteConfiguration standby_configuration(ClusterState& state);

}  // namespace annals::fsm
