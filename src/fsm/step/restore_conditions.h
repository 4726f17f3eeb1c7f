// The conditions of a restore: PGO's, whose names are misspelt as they are there.
#pragma once

#include <optional>
#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

struct RestoreVerdict {
  bool status = false;
  std::string reason;
  Message message;
};

// "PGBackRestoreProgressing": while it goes on, and after it was refused. None otherwise.
std::optional<RestoreVerdict> restore_progressing(const ClusterState& state);

// "RestoreDrillSucceeded": how the last one ended, or what is wrong with what asks for one.
std::optional<RestoreVerdict> drill_succeeded(ClusterState& state);

// "PostgresDataInitialized": whether the data directory has been restored as it was asked for.
std::optional<RestoreVerdict> data_initialized(const ClusterState& state);

}  // namespace annals::fsm
