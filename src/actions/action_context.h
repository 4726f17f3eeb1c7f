// ActionContext: what actions work with. A value that coroutines take by copy; what it refers to
// outlives all of them.
#pragma once

#include "actions/joint_writes.h"
#include "actions/off_loop.h"
#include "actions/pod_resolver.h"
#include "actions/recollection.h"
#include "base/clock.h"
#include "k8s/client/client.h"

namespace annals::actions {

struct ActionContext {
  k8s::Client& client;
  const Clock& clock;
  PodResolver& resolver;
  JointWrites& joint_writes;
  Recollection& recollection;
  OffLoop& off_loop;
  k8s::Place place{};  // of what it sends, among all that waits
};

}  // namespace annals::actions
