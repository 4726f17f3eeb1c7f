#include "fsm/step/engine.h"

#include <chrono>
#include <utility>

#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/text/sentence.h"

namespace annals::fsm {
namespace {

bool is_process(const OperationKind& kind) { return kind.goes_on != nullptr; }

void give_up(StepBuilder& builder, const OperationKind& kind, const char* transition,
             const Message& why, std::vector<Predicate> inputs = {}) {
  const Operation operation = builder.state().operation;
  end(builder, kind, transition, why, std::move(inputs));
  if (kind.give_up != nullptr) kind.give_up(builder, operation, why);
}

// What it waits for, after it has done what it can.
Wait approach(StepBuilder& builder, const Goal& goal, const OperationView& view) {
  Wait wait = goal.check(view);
  if (wait.satisfied || goal.advance == nullptr) return wait;
  return goal.advance(builder, view);
}

void pass(StepBuilder& builder, const OperationKind& kind, const Goal& goal) {
  builder.decide({.machine = kind.name,
                  .transition = goal.name,
                  .reason = goal.pass(builder.state()),
                  .inputs = {{.name = goal.name, .value = "true", .holds = true}},
                  .intents = {}});
}

// It does not hold: whether it is waited for.
Pursuit wait_for(StepBuilder& builder, const OperationKind& kind, const Goal& goal,
                 const Wait& wait) {
  ClusterState& state = builder.state();
  if (goal.late != Late::kStall) {
    const Timestamp since =
        state.goals_since[kind.name].try_emplace(goal.name, state.now).first->second;
    const bool is_late = since + goal.limit <= state.now;
    if (is_late && goal.late == Late::kSkip) return Pursuit::kHolds;
    // A primary that was asked to hand over may do so at any moment.
    if (is_late && !state.leader_move) {
      const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(goal.limit).count();
      give_up(builder, kind, "give-up", say::timed_out(minutes, wait.waits_for));
      return Pursuit::kGivenUp;
    }
    if (!is_late) requeue_at(state, since + goal.limit);
  }
  note_wait(builder, {kind.name, goal.name, goal.limit}, wait);
  return Pursuit::kWaits;
}

Pursuit pursue_goal(StepBuilder& builder, const OperationKind& kind, const Goal& goal) {
  if (goal.passed != nullptr && goal.passed(builder.state())) return Pursuit::kHolds;
  const OperationView view = look(builder.state());
  if (goal.failed != nullptr) {
    if (const Message why = goal.failed(view); !why.empty()) {
      give_up(builder, kind, "give-up", why,
              {{.name = goal.name, .value = name_of(why.id), .holds = false}});
      return Pursuit::kGivenUp;
    }
  }
  const Wait wait = approach(builder, goal, view);
  if (!wait.satisfied) return wait_for(builder, kind, goal, wait);
  if (goal.pass != nullptr) pass(builder, kind, goal);
  return Pursuit::kHolds;
}

}  // namespace

OperationView look(ClusterState& state) {
  OperationView view{.state = state, .members = members_of(state), .primary = nullptr};
  view.primary = leader_among(view.members);
  return view;
}

void end(StepBuilder& builder, const OperationKind& kind, const char* transition, Message reason,
         std::vector<Predicate> inputs) {
  ClusterState& state = builder.state();
  if (!is_process(kind)) state.operation = std::monostate();
  state.goals_since.erase(kind.name);
  builder.decide({.machine = kind.name,
                  .transition = transition,
                  .reason = std::move(reason),
                  .inputs = std::move(inputs),
                  .intents = {}});
}

bool begin(StepBuilder& builder, const OperationKind& kind, const OperationView& view) {
  if (kind.wanted == nullptr) return false;
  ClusterState& state = builder.state();
  std::optional<Begin> wanted = kind.wanted(builder, view);
  if (!wanted) return false;
  if (!is_process(kind)) state.operation = std::move(wanted->operation);
  state.goals_since.erase(kind.name);
  builder.decide({.machine = kind.name,
                  .transition = "begin",
                  .reason = std::move(wanted->reason),
                  .inputs = std::move(wanted->inputs),
                  .intents = {}});
  return true;
}

Pursuit pursue(StepBuilder& builder, const OperationKind& kind) {
  ClusterState& state = builder.state();
  const Message withdrawn = kind.withdrawn == nullptr ? Message() : kind.withdrawn(look(state));
  if (!withdrawn.empty()) {
    // What lasts has no other end.
    give_up(builder, kind, kind.lasts ? "complete" : "abandon", withdrawn);
    return Pursuit::kGivenUp;
  }
  for (const Goal& goal : kind.goals) {
    const Pursuit pursuit = pursue_goal(builder, kind, goal);
    if (pursuit != Pursuit::kHolds) return pursuit;
  }
  if (kind.lasts) return Pursuit::kWaits;
  if (kind.complete != nullptr) {
    end(builder, kind, "complete", kind.complete(builder, look(state)));
  }
  return Pursuit::kHolds;
}

void decide_process(StepBuilder& builder, const OperationKind& kind) {
  ClusterState& state = builder.state();
  bool goes_on = kind.goes_on(state);
  // The end of one may be the beginning of the next.
  for (int turn = 0; turn < 2; ++turn) {
    if (!goes_on && (kind.wanted == nullptr || !begin(builder, kind, look(state)))) break;
    if (pursue(builder, kind) == Pursuit::kWaits) return;
    goes_on = kind.goes_on(state);
  }
  // What is wanted may have been answered without a beginning.
  if (!goes_on && kind.wanted != nullptr) goes_on = kind.goes_on(state);
  if (!goes_on) state.goals_since.erase(kind.name);
}

}  // namespace annals::fsm
