#include "fsm/operations/operations.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/concat.h"
#include "fsm/operations/operation_table.h"
#include "fsm/operations/restart.h"
#include "fsm/operations/rolling_update.h"
#include "fsm/operations/scale_down.h"
#include "fsm/operations/shutdown.h"
#include "fsm/operations/startup.h"
#include "fsm/operations/switchover.h"
#include "fsm/step/waits.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {
namespace {

// A new operation is one file and one line here.
constexpr std::array kKinds{&kShutdown,  &kStartup,       &kSwitchover,
                            &kScaleDown, &kRollingUpdate, &kRestart};

constexpr Awaited kSteady{"operations", "api-server-steady", std::chrono::minutes(10)};

OperationView look(ClusterState& state) {
  OperationView view{.state = state, .members = members_of(state), .primary = nullptr};
  view.primary = leader_among(view.members);
  return view;
}

bool is_free(const ClusterState& state) {
  return std::holds_alternative<std::monostate>(state.operation);
}

bool is_running(const ClusterState& state, const OperationKind& kind) {
  return name_of(state.operation) == kind.name;
}

void end(StepBuilder& builder, const std::string& name, const char* transition,
         std::string reason) {
  builder.state().operation = std::monostate();
  builder.state().goals_since.clear();
  builder.decide({.machine = name,
                  .transition = transition,
                  .reason = std::move(reason),
                  .inputs = {},
                  .intents = {}});
}

void give_up(StepBuilder& builder, const OperationKind& kind, const char* transition,
             const std::string& why) {
  const Operation operation = builder.state().operation;
  end(builder, kind.name, transition, why);
  if (kind.give_up != nullptr) kind.give_up(builder, operation, why);
}

bool begin(StepBuilder& builder, const OperationKind& kind) {
  ClusterState& state = builder.state();
  std::optional<Begin> wanted = kind.wanted(builder, look(state));
  if (!wanted) return false;
  state.operation = std::move(wanted->operation);
  state.goals_since.clear();
  builder.decide({.machine = kind.name,
                  .transition = "begin",
                  .reason = std::move(wanted->reason),
                  .inputs = std::move(wanted->inputs),
                  .intents = {}});
  return true;
}

// What it waits for, after it has done what it can.
Wait approach(StepBuilder& builder, const Goal& goal) {
  const OperationView view = look(builder.state());
  Wait wait = goal.check(view);
  if (wait.over || goal.advance == nullptr) return wait;
  return goal.advance(builder, view);
}

// True while it goes on.
bool pursue(StepBuilder& builder, const OperationKind& kind) {
  ClusterState& state = builder.state();
  if (const std::string why = kind.withdrawn(look(state)); !why.empty()) {
    // What lasts has no other end.
    give_up(builder, kind, kind.lasts ? "complete" : "abandon", why);
    return false;
  }
  for (const Goal& goal : kind.goals) {
    const Wait wait = approach(builder, goal);
    if (wait.over) continue;
    const Timestamp since = state.goals_since.try_emplace(goal.name, state.now).first->second;
    const bool is_late = since + goal.limit <= state.now;
    if (is_late && goal.late == Late::kSkip) continue;
    // A primary that was asked to hand over may do so at any moment.
    if (is_late && goal.late == Late::kGiveUp && !state.hand_over) {
      const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(goal.limit).count();
      give_up(builder, kind, "give-up",
              concat("it waited for ", wait.waits_for, " for ", minutes, " minutes"));
      return false;
    }
    if (goal.late != Late::kStall && !is_late) requeue_at(state, since + goal.limit);
    note_wait(builder, {kind.name, goal.name, goal.limit}, wait);
    return true;
  }
  if (kind.lasts) return true;
  end(builder, kind.name, "complete", kind.complete(builder, look(state)));
  return false;
}

// A person who wants it to stop does not want to wait for anything else.
void preempt(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!rendered(state).cluster.spec.shutdown || is_free(state) || is_running(state, kShutdown))
    return;
  end(builder, name_of(state.operation), "preempted",
      "spec.shutdown is true: the cluster stops instead");
}

// Another version has begun it: nobody here knows what it would wait for.
void abandon_unknown(StepBuilder& builder, OperationKinds kinds) {
  const ClusterState& state = builder.state();
  const auto runs = [&](const OperationKind* kind) { return is_running(state, *kind); };
  if (is_free(state) || std::ranges::any_of(kinds, runs)) return;
  end(builder, name_of(state.operation), "abandon", "this version has no operation of that name");
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
            {.over = false,
             .waits_for = concat("the API server to be steady: ", state.server_trouble),
             .cure = "see to the API server; no pod is ended or made to hand over until it has "
                     "answered for a minute"});
  return true;
}

}  // namespace

OperationKinds operation_kinds() { return kKinds; }

void run_operations(StepBuilder& builder, OperationKinds kinds) {
  ClusterState& state = builder.state();
  preempt(builder);
  abandon_unknown(builder, kinds);
  for (const OperationKind* kind : kinds) {
    // What was asked for before there was a database is noted first.
    if (kind->needs_api_server && state.handled_trigger && holds_for_server(builder, kinds)) return;
    if (!is_free(state) && !is_running(state, *kind)) continue;
    if (kind->observe != nullptr) kind->observe(look(state));
    if (is_free(state) && !begin(builder, *kind)) continue;
    if (pursue(builder, *kind)) return;
  }
}

void ask_operations(StepBuilder& builder) { run_operations(builder, operation_kinds()); }

}  // namespace annals::fsm
