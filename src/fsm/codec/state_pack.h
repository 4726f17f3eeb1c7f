// A cluster's state as few bytes, for one that rests: whoever keeps thousands of clusters keeps
// these instead. Only for the process that made them: another one, and people, read state_codec.h.
// Every member is in it by itself, but for what is derived, which is made again.
#pragma once

#include <string>
#include <string_view>

#include "fsm/model/state.h"

namespace annals::fsm {

std::string pack_state(const ClusterState& state);

// The same state as was packed, byte for byte in its text.
ClusterState unpack_state(std::string_view packed);

}  // namespace annals::fsm
