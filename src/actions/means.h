// Means: what actions work with. A value that coroutines take by copy; what it refers to outlives
// all of them.
#pragma once

#include "actions/reach.h"
#include "actions/turns.h"
#include "base/clock.h"
#include "k8s/client.h"

namespace annals::actions {

struct Means {
  k8s::Client& client;
  const Clock& clock;
  Reach& reach;
  Turns& turns;
};

}  // namespace annals::actions
