#include "fsm/operations.h"

#include "fsm/hand_over.h"
#include "fsm/rendering.h"
#include "fsm/restart.h"
#include "fsm/rolling_update.h"
#include "fsm/scale_down.h"
#include "fsm/shutdown.h"
#include "fsm/stalled_replicas.h"
#include "fsm/switchover.h"
#include "fsm/volumes.h"

namespace annals::fsm {
namespace {

template <class Kind>
bool is_going_on(const ClusterState& state) {
  return std::holds_alternative<Kind>(state.operation);
}

bool is_free(const ClusterState& state) { return is_going_on<std::monostate>(state); }

// Asks a machine whose turn it is; false when the turn passes on.
template <class Kind>
bool has_turn(StepBuilder& builder, bool (*ask)(StepBuilder&)) {
  const ClusterState& state = builder.state();
  return (is_free(state) || is_going_on<Kind>(state)) && ask(builder);
}

void ask_in_turn(StepBuilder& builder) {
  ClusterState& state = builder.state();
  // A person who wants it to stop does not want to wait for anything else.
  if (rendered(state).cluster.spec.shutdown && !is_going_on<Shutdown>(state))
    state.operation = std::monostate();
  if (has_turn<Shutdown>(builder, ask_shutdown)) return;
  if (has_turn<Switchover>(builder, ask_switchover)) return;
  if (has_turn<ScaleDown>(builder, ask_scale_down)) return;
  if (has_turn<RollingUpdate>(builder, ask_rolling_update)) return;
  has_turn<Restart>(builder, ask_restart);
}

}  // namespace

void ask_operations(StepBuilder& builder) {
  ask_volumes(builder);
  settle_hand_over(builder.state());
  ask_stalled_replicas(builder);
  ask_in_turn(builder);
  // Also for an instance that has been retired just now.
  ask_retired(builder);
}

}  // namespace annals::fsm
