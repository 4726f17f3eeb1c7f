// Scale-down: instances that the spec no longer asks for go, one at a time, and never the primary
// while another could: it hands over first. Their volumes are kept for a while, and used again when
// the set grows; then they go too (retired.h).
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm {

extern const OperationKind kScaleDown;

// A set has more instances than it is to have.
bool is_scale_down_asked(ClusterState& state);

}  // namespace annals::fsm
