// Volumes: which sizes cannot be had, and why. The rest of the cluster goes on with what there is.
#pragma once

#include <string>
#include <vector>

#include "fsm/step_builder.h"

namespace annals::fsm {

// One sentence each, with the cure.
std::vector<std::string> volume_troubles(ClusterState& state);

// The claims that are being resized just now.
std::vector<std::string> volumes_in_resize(const ClusterState& state);

// Tells people of troubles, and asks again for what was refused.
void ask_volumes(StepBuilder& builder);

}  // namespace annals::fsm
