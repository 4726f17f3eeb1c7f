// Moving the leader: a leader is asked to let a named, healthy member lead instead. For every
// operation that cannot go on while that one leads.
#pragma once

#include <functional>
#include <string>

#include "fsm/step/waits.h"
#include "fsm/view/members.h"

namespace annals::fsm {

struct LeaderMoveRequest {
  const char* machine;
  Message reason;
  const Member* leader = nullptr;
  std::string target{};  // a pod; empty: the best one there is
  bool forced = false;   // a failover: also when the leader does not answer
  std::function<bool(const Member&)> may_lead = {};
};

// Goes on with it, and says what it waits for. It is over when another one leads, which a later
// step sees.
Wait move_leader(StepBuilder& builder, const LeaderMoveRequest& request);

// Forgets one that has happened, or whose leader is gone.
void settle_leader_move(ClusterState& state);

}  // namespace annals::fsm
