// In sync: an object that should exist, compared with what is known of the one that does.
#pragma once

#include <optional>
#include <string>

#include "fsm/model/state.h"
#include "fsm/view/rendering.h"
#include "fsm/view/wait.h"

namespace annals::fsm {

// Why an object is written: the transition's name, and a sentence.
struct Cause {
  const char* transition;
  Message reason;
  bool undoes_somebody = false;
  Actor writer{};  // whose change it undoes
  bool is_update = false;
  bool is_adoption = false;
};

// Nothing where it is in sync.
std::optional<Cause> cause_to_write(const ClusterState& state, const Wanted& wanted);

// Exists as asked for, and nobody has changed it since.
bool in_sync(const ClusterState& state, const Wanted& wanted);

// The first one that is not; null when all are.
const Wanted* first_not_in_sync(ClusterState& state);

// For one that is not: with the error, once a write of it has failed.
Wait wait_for_object(const ClusterState& state, const Wanted& missing);

// What makes it so.
Action write_action(const ClusterState& state, const Wanted& wanted);

}  // namespace annals::fsm
