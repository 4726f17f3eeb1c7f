// Which sizes of volumes cannot be had, and why.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// One sentence each, with the remedy.
std::vector<Message> volume_troubles(ClusterState& state);

// The claims that are being resized just now.
std::vector<Message> volumes_in_resize(const ClusterState& state);

}  // namespace annals::fsm
