#include "fsm/operations/operations.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "fsm/operations/demotion.h"
#include "fsm/operations/promotion.h"
#include "fsm/operations/restart.h"
#include "fsm/operations/restore.h"
#include "fsm/operations/rolling_update.h"
#include "fsm/operations/scale_down.h"
#include "fsm/operations/shutdown.h"
#include "fsm/operations/startup.h"
#include "fsm/operations/switchover.h"
#include "fsm/step/engine.h"
#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/demotion.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {
namespace {

// A new operation is one file and one line here.
constexpr std::array kKinds{&kShutdown,   &kRestore,   &kDemotion,      &kStartup, &kPromotion,
                            &kSwitchover, &kScaleDown, &kRollingUpdate, &kRestart};

constexpr WaitLimit kSteady{"operations", "api-server-steady", std::chrono::minutes(10)};

bool is_free(const ClusterState& state) {
  return std::holds_alternative<std::monostate>(state.operation);
}

bool is_running(const ClusterState& state, const OperationKind& kind) {
  return name_of(state.operation) == kind.name;
}

// Not by its table: it may be one that this version does not have.
void end_running(StepBuilder& builder, const char* transition, Message why) {
  ClusterState& state = builder.state();
  const std::string name = name_of(state.operation);
  state.operation = std::monostate();
  state.goals_since.erase(name);
  builder.decide({.machine = name,
                  .transition = transition,
                  .reason = std::move(why),
                  .inputs = {},
                  .intents = {}});
}

// A person who wants it to stop does not want to wait for anything else.
void preempt(StepBuilder& builder, Message why) {
  if (!is_free(builder.state())) end_running(builder, "preempted", std::move(why));
}

// Another version has begun it: nobody here knows what it would wait for.
void abandon_unknown(StepBuilder& builder, OperationKinds kinds) {
  const ClusterState& state = builder.state();
  const auto runs = [&](const OperationKind* kind) { return is_running(state, *kind); };
  if (is_free(state) || std::ranges::any_of(kinds, runs)) return;
  end_running(builder, "abandon", say::unknown_operation());
}

// A failover is what a person does when nothing else helps.
bool is_urgent(const ClusterState& state) {
  const auto* switchover = std::get_if<Switchover>(&state.operation);
  return switchover != nullptr && switchover->forced;
}

bool wants_interruption(ClusterState& state, OperationKinds kinds) {
  for (const OperationKind* kind : kinds) {
    if (is_running(state, *kind)) return kind->needs_api_server;
  }
  return std::ranges::any_of(kinds, [&](const OperationKind* kind) {
    return kind->needs_api_server && kind->is_asked(state);
  });
}

// While the API server comes and goes, Patroni leads by the word of all of its members: one that is
// missing makes the leader step down, and one that starts cannot come up. What is known here may be
// old besides (I9).
bool holds_for_server(StepBuilder& builder, OperationKinds kinds) {
  ClusterState& state = builder.state();
  if (state.server_trouble.empty() || is_urgent(state) || !wants_interruption(state, kinds))
    return false;
  note_wait(builder, kSteady,
            {.satisfied = false,
             .waits_for = say::api_server_to_be_stable(state.server_trouble),
             .remedy = say::api_server_remedy()});
  return true;
}

// Asks each of them in its turn: true when one is complete and nothing goes on. One that was given
// up does not begin again at once.
bool take_turns(StepBuilder& builder, OperationKinds kinds) {
  ClusterState& state = builder.state();
  bool is_complete = false;
  std::optional<OperationView> view;  // until one of them has had its turn
  for (const OperationKind* kind : kinds) {
    // What was asked for before there was a database is noted first.
    if (kind->needs_api_server && state.handled_trigger && holds_for_server(builder, kinds))
      return false;
    if (!is_free(state) && !is_running(state, *kind)) continue;
    if (!view) view.emplace(look(state));
    if (kind->observe != nullptr) kind->observe(*view);
    if (is_free(state) && !begin(builder, *kind, *view)) continue;
    view.reset();
    const Pursuit pursuit = pursue(builder, *kind);
    if (pursuit == Pursuit::kWaits) return false;
    if (pursuit == Pursuit::kHolds) is_complete = true;
  }
  return is_complete;
}

}  // namespace

OperationKinds operation_kinds() { return kKinds; }

void end_operation(StepBuilder& builder) { preempt(builder, say::preempted_by_deletion()); }

void run_operations(StepBuilder& builder, OperationKinds kinds) {
  ClusterState& state = builder.state();
  if (rendered(state).cluster.spec.shutdown && !is_running(state, kShutdown))
    preempt(builder, say::preempted_by_shutdown());
  // Whatever else goes on would wait for a primary for ever.
  if (another_leads(state) && is_demotion_permitted(state) && !is_running(state, kDemotion))
    preempt(builder, say::preempted_by_demotion());
  abandon_unknown(builder, kinds);
  // The end of one may be the beginning of the next, of its own kind as well: in between nothing is
  // settled.
  if (take_turns(builder, kinds)) take_turns(builder, kinds);
}

void decide_operations(StepBuilder& builder) { run_operations(builder, operation_kinds()); }

}  // namespace annals::fsm
