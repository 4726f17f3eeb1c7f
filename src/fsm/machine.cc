#include "fsm/machine.h"

#include <algorithm>
#include <utility>

#include "fsm/absorb.h"
#include "fsm/desired_set.h"
#include "fsm/provision.h"
#include "fsm/status.h"
#include "fsm/step_builder.h"

namespace annals::fsm {

ClusterState initial_state(ClusterUid uid) {
  ClusterState state;
  state.uid = std::move(uid);
  return state;
}

Step step(ClusterState state, const Event& event) {
  absorb(state, event);
  StepBuilder builder(std::move(state));
  // Until all is listed, absence means nothing (I9); a deleted cluster's objects are Kubernetes' to
  // collect.
  const ClusterState& known = builder.state();
  const bool may_decide =
      known.synced && known.config && known.spec && !known.gone && !known.spec->deleting;
  if (may_decide) {
    ask_desired_set(builder);
    ask_provision(builder);
    ask_status(builder);
  }
  return std::move(builder).finish();
}

}  // namespace annals::fsm
