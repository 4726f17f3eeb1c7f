// A standby that receives nothing: since when, why, and what helps.
#pragma once

#include "fsm/model/state.h"

namespace annals::fsm {

// Only of one that has been looked at, and is silent (standby_progress.h).
Timestamp silent_since(const ClusterState& state);
Message silence_in_words(ClusterState& state);

// Whether a host is there that can be asked why nothing comes.
bool is_source_asked(ClusterState& state);

}  // namespace annals::fsm
