// Operations as data. An operation is a table: when it is wanted, when it is withdrawn, and the
// goals that have to hold, in order. Each step looks at the world anew, takes the first goal that
// does not hold, lets it do one thing and says what it waits for; only a goal with a `pass` is
// remembered as done. One engine (engine.h) begins, waits, times out, skips, gives up and
// completes, for all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fsm/step/step_builder.h"
#include "fsm/view/members.h"
#include "fsm/view/wait.h"

namespace annals::fsm {

// What goals look at, made anew for each of them, since the one before may have changed the state.
struct OperationView {
  ClusterState& state;
  std::vector<Member> members;
  const Member* primary;  // who leads by Patroni's word; null for nobody, and for two
};

// What happens when a goal has not held for its limit, counted from when the operation first met it
// so. Until then, and in the first case, the wait is told as Stalled when it has lasted that long.
enum class Late : std::uint8_t {
  kStall,   // it is waited for until somebody helps
  kGiveUp,  // the operation ends, and whoever asked for it is told
  kSkip,    // the operation goes on without it
};

struct Goal {
  const char* name;  // of the wait, "members-stable"
  Duration limit;
  // Over when it holds; else what is waited for.
  Wait (*check)(const OperationView& view);
  // Gets nearer by one thing at most, and says what is waited for now; over when nothing is. Null:
  // what is waited for comes by itself.
  Wait (*advance)(StepBuilder& builder, const OperationView& view) = nullptr;
  Late late = Late::kStall;
  // Behind us for good, and not asked any more. Null: it is looked at anew in every step.
  bool (*passed)(const ClusterState& state) = nullptr;
  // It holds now: notes that, so that it is passed, and says so in a sentence. For what stays done
  // when the world does not show it any more: a database that was open, a backup whose Job is gone.
  Message (*pass)(ClusterState& state) = nullptr;
  // Why it never will hold, with which the operation gives up; empty while it may.
  Message (*failed)(const OperationView& view) = nullptr;
};

struct Begin {
  Operation operation;
  Message reason;
  std::vector<Predicate> inputs;
};

// Either interrupts, and then goes on alone (operations.h); or is a process: it interrupts nothing,
// goes on beside all others, and has a blocker of its own.
struct OperationKind {
  const char* name;  // "rolling-update", as name_of() has it
  // Nothing where there is nothing to do. A request that cannot be met is refused here. Null: its
  // beginning is no decision.
  std::optional<Begin> (*wanted)(StepBuilder& builder, const OperationView& view) = nullptr;
  // Why it is not wanted any more; empty while it is. Null: it cannot be withdrawn.
  Message (*withdrawn)(const OperationView& view) = nullptr;
  std::span<const Goal> goals;
  // All goals hold: notes what has to be, and says so in a sentence. Null: the last goal says it.
  Message (*complete)(StepBuilder& builder, const OperationView& view) = nullptr;
  // It was withdrawn or given up: tells whoever asked for it.
  void (*give_up)(StepBuilder& builder, const Operation& operation, const Message& why) = nullptr;
  // Keeps count of what it sees, whenever it may begin or goes on.
  void (*observe)(const OperationView& view) = nullptr;
  bool lasts = false;            // when all goals hold it goes on until it is withdrawn
  bool needs_api_server = true;  // interrupts nothing while the API server comes and goes
  // Of one that needs it: whether it would begin if the API server were steady. Changes nothing.
  bool (*is_asked)(ClusterState& state) = nullptr;
  // Of a process: whether it goes on, asked of the state in every step. Null: it interrupts, and
  // ClusterState::operation is the one that goes on.
  bool (*goes_on)(ClusterState& state) = nullptr;
};

using OperationKinds = std::span<const OperationKind* const>;

}  // namespace annals::fsm
