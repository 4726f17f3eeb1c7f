// Which cluster an action is for: what owner references and messages need.
#pragma once

#include <string>

#include "base/id.h"

namespace annals::actions {

struct ClusterIdentity {
  ClusterUid uid;
  std::string name_space;
  std::string name;
};

}  // namespace annals::actions
