// What specs are rendered to, for all runs of a thread: most of their clusters are the same.
#pragma once

#include "fsm/view/renderings.h"

namespace annals::simulation {

inline fsm::Renderings& shared_renderings() {
  thread_local fsm::Renderings all;
  return all;
}

}  // namespace annals::simulation
