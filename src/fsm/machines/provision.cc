#include "fsm/machines/provision.h"

#include <array>
#include <chrono>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/waits.h"
#include "fsm/view/database.h"
#include "fsm/view/in_place.h"
#include "fsm/view/namesake.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// Without one no machine is asked.
Wait wait_for_spec(ClusterState& /*state*/) { return {.over = true}; }

Wait wait_for_objects(ClusterState& state) {
  Wait clean = wait_for_own_patroni_state(state);
  if (!clean.over) return clean;
  const Wanted* missing = first_not_in_place(state);
  if (missing == nullptr) return {.over = true, .waits_for = {}, .cure = {}};
  Wait wait{.over = false,
            .waits_for = to_string(missing->ref) + " to be as asked for",
            .cure = "none is needed"};
  const auto retry = state.retries.find(missing->target);
  if (retry != state.retries.end()) {
    wait.waits_for +=
        concat(", which failed ", retry->second.failures, " times: ", retry->second.error);
    wait.cure = "remove what the error names; it is tried again by itself";
  }
  return wait;
}

Wait wait_for_primary(ClusterState& state) {
  if (primary(state) != nullptr) return {.over = true, .waits_for = {}, .cure = {}};
  Wait foreign = wait_for_foreign_patroni_state(state);
  if (!foreign.over) return foreign;
  Wait wait{.over = false, .waits_for = "a primary", .cure = "none is needed"};
  if (state.pods.empty()) wait.waits_for += ": no pod of the cluster exists yet";
  for (const auto& [name, pod] : state.pods) {
    if (pod.ready && pod.role == "master") continue;
    wait.waits_for += concat(": pod ", name, " is ", pod.phase.empty() ? "unknown" : pod.phase);
    if (const std::string trouble = trouble_of(state, pod); !trouble.empty()) {
      wait.waits_for += " (" + trouble + ")";
      wait.cure = "see 'kubectl describe pod " + name + "' and its log";
    }
    break;
  }
  return wait;
}

Wait wait_for_sql(ClusterState& state) {
  if (is_sql_in_place(state)) return {.over = true, .waits_for = {}, .cure = {}};
  Wait wait{.over = false, .waits_for = "users and databases", .cure = "none is needed"};
  const auto retry = state.retries.find("sql");
  if (retry != state.retries.end()) wait.waits_for += ": " + retry->second.error;
  return wait;
}

struct Phase {
  ProvisionPhase from;
  ProvisionPhase to;
  Awaited awaited;
  Wait (*wait)(ClusterState&);
};

// clang-format off
constexpr std::array kPhases{
    Phase{ProvisionPhase::kNew,       ProvisionPhase::kPreparing, {"provision", "spec-accepted", 1s},           wait_for_spec},
    Phase{ProvisionPhase::kPreparing, ProvisionPhase::kStarting,  {"provision", "objects-in-place", 5min},      wait_for_objects},
    Phase{ProvisionPhase::kStarting,  ProvisionPhase::kOpening,   {"provision", "primary-is-running", 10min},   wait_for_primary},
    Phase{ProvisionPhase::kOpening,   ProvisionPhase::kDone,      {"provision", "database-is-open", 2min},      wait_for_sql},
};
// clang-format on

void advance(StepBuilder& builder, const Phase& phase) {
  ClusterState& state = builder.state();
  builder.decide({.machine = "provision",
                  .transition = phase.awaited.transition,
                  .reason = to_string(phase.from) + " -> " + to_string(phase.to),
                  .inputs = {{.name = phase.awaited.transition, .value = "true", .holds = true}},
                  .intents = {}});
  state.phase = phase.to;
}

// Users and databases are written whenever they are asked for differently, also long after the
// first time.
void run_sql_when_due(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const bool open = state.phase == ProvisionPhase::kOpening || state.phase == ProvisionPhase::kDone;
  if (!open) return;
  if (primary(state) == nullptr || first_not_in_place(state) != nullptr) return;
  if (wait_for_sql(state).over || is_pending(state, "sql") || is_waiting_to_retry(state, "sql"))
    return;
  RunSql sql = rendered(state).sql;
  sql.digest = sql_digest(state);
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

void ask_provision(StepBuilder& builder) {
  for (const Phase& phase : kPhases) {
    if (builder.state().phase != phase.from) continue;
    const Wait wait = phase.wait(builder.state());
    if (!wait.over) {
      note_wait(builder, phase.awaited, wait);
      break;
    }
    advance(builder, phase);
  }
  run_sql_when_due(builder);
}

}  // namespace annals::fsm
