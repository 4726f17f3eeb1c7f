#include "fsm/operations.h"

#include <algorithm>
#include <chrono>

#include "base/concat.h"
#include "fsm/hand_over.h"
#include "fsm/rendering.h"
#include "fsm/restart.h"
#include "fsm/rolling_update.h"
#include "fsm/scale_down.h"
#include "fsm/shutdown.h"
#include "fsm/stalled_replicas.h"
#include "fsm/switchover.h"
#include "fsm/volumes.h"
#include "fsm/waits.h"

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

constexpr Awaited kSteady{"operations", "api-server-steady", std::chrono::minutes(10)};

// A failover is what a person does when nothing else helps.
bool is_urgent(const ClusterState& state) {
  const auto* switchover = std::get_if<Switchover>(&state.operation);
  return switchover != nullptr && switchover->forced;
}

bool wants_interruption(ClusterState& state) {
  if (!is_free(state)) return !is_going_on<Shutdown>(state);
  const auto waits = [](const auto& entry) { return !entry.second.pending_restart.empty(); };
  return is_switchover_asked(state) || is_scale_down_asked(state) ||
         !pods_to_update(state).empty() || std::ranges::any_of(state.pods, waits);
}

// While the API server comes and goes, Patroni leads by the word of all of its members: one that is
// missing makes the leader step down, and one that starts cannot come up. What is known here may be
// old besides (I9).
bool holds_for_server(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (state.server_trouble.empty() || is_urgent(state) || !wants_interruption(state)) {
    return false;
  }
  note_wait(builder, kSteady,
            {.over = false,
             .waits_for = concat("the API server to be steady: ", state.server_trouble),
             .cure = "see to the API server; no pod is ended or made to hand over until it has "
                     "answered for a minute"});
  return true;
}

void ask_in_turn(StepBuilder& builder) {
  ClusterState& state = builder.state();
  // A person who wants it to stop does not want to wait for anything else.
  if (rendered(state).cluster.spec.shutdown && !is_going_on<Shutdown>(state))
    state.operation = std::monostate();
  if (has_turn<Shutdown>(builder, ask_shutdown)) return;
  // What was asked for before there was a database is noted first.
  if (state.handled_trigger && holds_for_server(builder)) return;
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
