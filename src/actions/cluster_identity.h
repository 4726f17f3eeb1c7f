// Which cluster an action is for: what owner references and messages need.
#pragma once

#include <string>

#include "base/id.h"

namespace annals::actions {

struct ClusterIdentity {
  ClusterUid uid;
  std::string name_space;
  std::string name;
  // Another cluster has had this name: what it has left may stand where this one's objects belong.
  bool has_namesake = false;
};

}  // namespace annals::actions
