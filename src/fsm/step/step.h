// What one event makes of a cluster: its next state, and what the machines decided and ask for.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/decision.h"
#include "fsm/model/intent.h"
#include "fsm/model/state.h"

namespace annals::fsm {

// A wait that is over, however it ended. Of no record: what is waited for, and since when, is part
// of the state.
struct WaitEnded {
  std::string machine;
  std::string goal;
  Duration waited;
};

struct Step {
  ClusterState state;
  std::vector<Decision> decisions;
  std::vector<Intent> intents;         // each is named by exactly one decision
  std::vector<WaitEnded> waits_ended;  // for metrics
};

}  // namespace annals::fsm
