// What a repository is known to hold, in short: to tell that a look has found nothing new.
#pragma once

#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

// Empty before the first look.
std::string digest_of_known(const ClusterState& state, const std::string& repo);

}  // namespace annals::fsm
