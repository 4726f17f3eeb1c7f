// Scale-down: instances that the spec no longer asks for go, one at a time, and never the leader
// while another could: it hands over first. Their volumes are kept for a while, and used again when
// the set grows; then they go too.
#pragma once

#include "fsm/step_builder.h"

namespace annals::fsm {

// True while it goes on, so that nothing else may begin.
// A set has more instances than it is to have.
bool is_scale_down_asked(ClusterState& state);

bool ask_scale_down(StepBuilder& builder);

// What is left of instances that have gone: their runners, configuration and, when their time is
// over, their volumes. Interrupts nothing.
void ask_retired(StepBuilder& builder);

}  // namespace annals::fsm
