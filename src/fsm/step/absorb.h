// absorb(): takes in what an event says, before any machine is asked. It decides nothing.
#pragma once

#include "fsm/model/fact.h"
#include "fsm/model/state.h"

namespace annals::fsm {

void absorb(ClusterState& state, const Event& event);

}  // namespace annals::fsm
