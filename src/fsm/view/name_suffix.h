// The last part of names that are chosen once: from the cluster's UID and what the name is for, so
// that a replay chooses the same.
#pragma once

#include <string>
#include <string_view>

#include "base/id.h"

namespace annals::fsm {

// Four characters of the kind that Kubernetes itself uses.
std::string name_suffix(const ClusterUid& uid, std::string_view purpose, int counter);

}  // namespace annals::fsm
