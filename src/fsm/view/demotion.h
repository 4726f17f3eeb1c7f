// Whether a cluster that has a primary of its own may become one that follows another cluster: what
// it has written since they parted would be thrown away, so somebody has to say so.
#pragma once

#include <cstdint>

#include "fsm/model/state.h"

namespace annals::fsm {

// It has a primary, its spec asks for a standby, and somebody gives up what is written on the
// timeline that it is on.
bool is_demotion_allowed(ClusterState& state);

// Why a cluster that keeps its primary is no standby, and what helps.
Message not_taken_up(const ClusterState& state);

// Of its primary, or of whoever led last; 0 where it is not known.
std::int64_t own_timeline(const ClusterState& state);

}  // namespace annals::fsm
