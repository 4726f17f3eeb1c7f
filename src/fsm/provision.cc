#include "fsm/provision.h"

#include <array>
#include <chrono>

#include "base/concat.h"
#include "fsm/desired_set.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// What a phase waits for: a question about the state, the answer in words, and what a person can do
// about it.
struct Wait {
  bool over = false;
  std::string waits_for;
  std::string cure;
};

Wait wait_for_spec(ClusterState& state) {
  const Rendered& all = rendered(state);
  if (all.mistakes.empty()) return {.over = true, .waits_for = {}, .cure = {}};
  return {.over = false,
          .waits_for = "a valid spec: " + all.mistakes.front(),
          .cure = "correct the field in the spec"};
}

Wait wait_for_objects(ClusterState& state) {
  const Wanted* missing = first_not_in_place(state);
  if (missing == nullptr) return {.over = true, .waits_for = {}, .cure = {}};
  Wait wait{.over = false,
            .waits_for = to_string(missing->ref) + " to be as asked for",
            .cure = "none is needed"};
  const auto retry = state.retries.find(to_string(missing->ref));
  if (retry != state.retries.end()) {
    wait.waits_for +=
        concat(", which failed ", retry->second.failures, " times: ", retry->second.error);
    wait.cure = "remove what the error names; it is tried again by itself";
  }
  return wait;
}

Wait wait_for_primary(ClusterState& state) {
  if (primary(state) != nullptr) return {.over = true, .waits_for = {}, .cure = {}};
  Wait wait{.over = false, .waits_for = "a primary", .cure = "none is needed"};
  if (state.pods.empty()) wait.waits_for += ": no pod of the cluster exists yet";
  for (const auto& [name, pod] : state.pods) {
    if (pod.ready && pod.role == "master") continue;
    wait.waits_for += concat(": pod ", name, " is ", pod.phase.empty() ? "unknown" : pod.phase);
    if (!pod.problem.empty()) {
      wait.waits_for += " (" + pod.problem + ")";
      wait.cure = "see 'kubectl describe pod " + name + "' and its log";
    }
    break;
  }
  return wait;
}

Wait wait_for_sql(ClusterState& state) {
  const auto written = state.written.find("sql");
  if (written != state.written.end() && written->second.asked == rendered(state).sql.digest) {
    return {.over = true, .waits_for = {}, .cure = {}};
  }
  Wait wait{.over = false, .waits_for = "users and databases", .cure = "none is needed"};
  const auto retry = state.retries.find("sql");
  if (retry != state.retries.end()) wait.waits_for += ": " + retry->second.error;
  return wait;
}

struct Phase {
  ProvisionPhase from;
  ProvisionPhase to;
  const char* transition;
  Wait (*wait)(ClusterState&);
  Duration limit;  // after which the wait is told as a problem
};

// clang-format off
constexpr std::array kPhases{
    Phase{ProvisionPhase::kNew,       ProvisionPhase::kPreparing, "spec-accepted",     wait_for_spec,    1s},
    Phase{ProvisionPhase::kPreparing, ProvisionPhase::kStarting,  "objects-in-place",  wait_for_objects, 5min},
    Phase{ProvisionPhase::kStarting,  ProvisionPhase::kOpening,   "primary-is-running", wait_for_primary, 10min},
    Phase{ProvisionPhase::kOpening,   ProvisionPhase::kDone,      "database-is-open",  wait_for_sql,     2min},
};
// clang-format on

void advance(StepBuilder& builder, const Phase& phase) {
  ClusterState& state = builder.state();
  builder.decide({.machine = "provision",
                  .transition = phase.transition,
                  .reason = to_string(phase.from) + " -> " + to_string(phase.to),
                  .inputs = {{.name = phase.transition, .value = "true", .holds = true}},
                  .intents = {}});
  state.phase = phase.to;
  state.blocker.reset();
}

// A wait is recorded when it begins and when its reason changes, not each time that it is looked
// at.
void note_wait(StepBuilder& builder, const Phase& phase, const Wait& wait) {
  ClusterState& state = builder.state();
  if (state.blocker && state.blocker->transition == phase.transition &&
      state.blocker->waits_for == wait.waits_for) {
    return;
  }
  const bool same_phase = state.blocker && state.blocker->transition == phase.transition;
  const Timestamp since = same_phase ? state.blocker->since : state.now;
  state.blocker = Blocker{.transition = phase.transition,
                          .waits_for = wait.waits_for,
                          .cure = wait.cure,
                          .since = since,
                          .deadline = since + phase.limit};
  builder.decide({.machine = "provision",
                  .transition = concat("not-yet-", phase.transition),
                  .reason = "waits for " + wait.waits_for,
                  .inputs = {{.name = phase.transition, .value = wait.waits_for, .holds = false}},
                  .intents = {}});
}

// Users and databases are written whenever they are asked for differently, also long after the
// first time.
void run_sql_when_due(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const bool open = state.phase == ProvisionPhase::kOpening || state.phase == ProvisionPhase::kDone;
  if (!open || primary(state) == nullptr || first_not_in_place(state) != nullptr) return;
  if (wait_for_sql(state).over || is_pending(state, "sql") || is_waiting_to_retry(state, "sql"))
    return;
  const RunSql sql = rendered(state).sql;
  builder.decide(
      {.machine = "provision",
       .transition = "open-database",
       .reason =
           concat("pod ", primary(state)->name, " is the primary and ready; ", sql.users.size(),
                  " users and ", sql.databases.size(), " databases are asked for"),
       .inputs = {{.name = "primary-is-ready", .value = primary(state)->name, .holds = true},
                  {.name = "sql-asked-before", .value = sql.digest.substr(0, 12), .holds = false}},
       .intents = {}},
      {sql});
}

}  // namespace

std::string to_string(ProvisionPhase phase) {
  switch (phase) {
    case ProvisionPhase::kNew:
      return "New";
    case ProvisionPhase::kPreparing:
      return "Preparing";
    case ProvisionPhase::kStarting:
      return "Starting";
    case ProvisionPhase::kOpening:
      return "Opening";
    case ProvisionPhase::kDone:
      return "Done";
  }
  return "Unknown";
}

const PodObserved* primary(const ClusterState& state) {
  for (const auto& [name, pod] : state.pods) {
    if (pod.role == "master" && pod.ready && !pod.deleting) return &pod;
  }
  return nullptr;
}

void ask_provision(StepBuilder& builder) {
  for (const Phase& phase : kPhases) {
    if (builder.state().phase != phase.from) continue;
    const Wait wait = phase.wait(builder.state());
    if (!wait.over) {
      note_wait(builder, phase, wait);
      break;
    }
    advance(builder, phase);
  }
  run_sql_when_due(builder);
}

}  // namespace annals::fsm
