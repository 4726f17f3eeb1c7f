// Leftovers: objects of ours that the spec no longer asks for.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// Why an object is not asked for any more.
struct Dropped {
  std::string field;        // of the spec
  bool of_backups = false;  // goes only when a person has allowed that backups end
};

struct Leftover {
  const ObjectObserved* object;
  Dropped dropped;
};

// Ours are those in which we own fields.
std::vector<Leftover> leftovers(ClusterState& state);

// One that should not be there; null when there is none.
const ObjectObserved* first_leftover(ClusterState& state);

// What is waited for while a person has not allowed that backups end; null when nothing is.
inline constexpr const char* kBackupRemovalAllowed = "backup-removal-allowed";
const Blocker* backup_removal_awaited(const ClusterState& state);

}  // namespace annals::fsm
