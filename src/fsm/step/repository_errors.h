// What Jobs that write to a repository have failed with, kept when they are gone.
#pragma once

#include "fsm/model/state.h"

namespace annals::fsm {

void note_failed_jobs(ClusterState& state);

}  // namespace annals::fsm
