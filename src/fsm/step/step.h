// What one event makes of a cluster: its next state, and what the machines decided and ask for.
#pragma once

#include <vector>

#include "fsm/model/decision.h"
#include "fsm/model/intent.h"
#include "fsm/model/state.h"

namespace annals::fsm {

struct Step {
  ClusterState state;
  std::vector<Decision> decisions;
  std::vector<Intent> intents;  // each is named by exactly one decision
};

}  // namespace annals::fsm
