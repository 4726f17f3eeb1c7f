// What Patroni's members share, as the spec asks for it, and who is asked to take it.
#pragma once

#include <cstdint>

#include "fsm/model/state.h"

namespace annals::fsm {

ConfigurePatroni configuration_for(ClusterState& state, const PodObserved& leader);

// With the cluster to follow in it, while none of them runs, and the timeline on which nothing is
// rewound; 0: it may be.
WriteConfiguration standby_configuration(ClusterState& state, std::int64_t kept_timeline);

}  // namespace annals::fsm
