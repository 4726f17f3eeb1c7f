// The last backup that a drill has proven: what guards of destructive intents name.
#pragma once

#include <optional>
#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

// A copy, with the last backup that was verified, where there is one.
Message with_verified_backup(const ClusterState& state, Message copy);

// Of the whole cluster; nothing: none was.
std::optional<Timestamp> last_verified_at(const ClusterState& state);

}  // namespace annals::fsm
