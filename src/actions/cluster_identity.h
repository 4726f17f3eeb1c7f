// Which cluster an action is for: what owner references and messages need.
#pragma once

#include <cstdint>
#include <string>

#include "base/id.h"

namespace annals::actions {

struct ClusterIdentity {
  ClusterUid uid;
  std::string name_space;
  std::string name;
  // Another cluster has had this name: what it has left may stand where this one's objects belong.
  bool has_namesake = false;
  // In which order clusters came to this process, from 1.
  std::uint64_t arrival = 0;
  // Whether what is to be written is known to stand there, as far as watches have told.
  bool is_target_known = true;
};

}  // namespace annals::actions
