#include "fsm/operations/drill.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "fsm/operations/drill_objects.h"
#include "fsm/step/engine.h"
#include "fsm/step/events.h"
#include "fsm/step/repository_query.h"
#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_sets.h"
#include "fsm/view/database.h"
#include "fsm/view/drill_request.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_plan.h"
#include "fsm/view/restore_progress.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace drill {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenReadings = 30s;
constexpr WaitLimit kPossible{kMachine, "drill-possible", 2h};

std::string answered_request(const ClusterState& state) {
  return state.drill ? state.drill->request : std::string();
}

bool is_ready(const ClusterState& state) {
  const bool is_restored = !state.restore || !is_unfinished(*state.restore);
  return is_restored && state.phase == ProvisionPhase::kDone &&
         state.backup.phase == BackupPhase::kDone;
}

void take_up(ClusterState& state, const DrillRequest& request, bool is_asked) {
  const std::string answered = answered_request(state);
  Drill its;
  its.phase = DrillPhase::kWaiting;
  its.request = is_asked ? request.id : answered;
  its.id = is_asked ? request.id : concat("due ", annals::to_string(state.now));
  if (is_asked && state.changes.text.contains(manifests::annotation::kRestoreDrill))
    its.writer = state.changes.actor;
  its.since = state.now;
  its.repo = request.repo;
  state.drill = std::move(its);
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = view.state;
  const DrillRequest request = drill_request(rendered(state).cluster);
  const bool is_asked = !request.id.empty() && request.id != answered_request(state);
  if (!is_asked) {
    const std::optional<Timestamp> next = next_drill(state, request);
    if (!next) return std::nullopt;
    if (*next > builder.state().now) {
      requeue_at(state, *next);
      return std::nullopt;
    }
    if (!is_ready(state)) return std::nullopt;
  }
  take_up(state, request, is_asked);
  return Begin{.operation = {},
               .reason = described(state),
               .inputs = {{.name = "request", .value = state.drill->id, .holds = true}}};
}

Message withdrawn(const OperationView& view) {
  ClusterState& state = view.state;
  const Drill& its = *state.drill;
  if (its.phase != DrillPhase::kWaiting) return {};
  const DrillRequest request = drill_request(rendered(state).cluster);
  const bool is_still_asked =
      its.id == its.request ? request.id == its.id : request.every.has_value();
  return is_still_asked && request.repo == its.repo ? Message() : say::drill_withdrawn();
}

Wait possible(const OperationView& view) {
  if (is_ready(view.state)) return {.satisfied = true};
  const bool restores = view.state.restore && is_unfinished(*view.state.restore);
  return {.satisfied = false,
          .waits_for = restores ? say::restore_to_complete() : say::first_backup_to_complete()};
}

// ---- The backup

bool is_read(const ClusterState& state) {
  const RepositorySeen* seen = repository_seen(state, state.drill->repo);
  return seen != nullptr && seen->at >= state.drill->since;
}

RestorableDatabase database_of(ClusterState& state) {
  const PodObserved* pod = primary(state);
  return {.system_id = system_identifier(state),
          .version = rendered(state).cluster.spec.postgres_version,
          .timeline = pod == nullptr ? 0 : pod->timeline,
          .branches = state.timelines,
          .archived_until = {},
          .gaps = {}};  // as far as it comes it proves the backup
}

// Of this database, whether it is sound or not; null for none.
const BackupSet* newest_set(const RepositoryContents& contents,
                            const RestorableDatabase& database) {
  const RepositoryDatabase* own = own_database(contents, database);
  if (own == nullptr) return nullptr;
  const Sets sets = sets_of(contents, *own);
  return sets.empty() ? nullptr : sets.back();
}

PlannedRestore planned(ClusterState& state) {
  const std::string repo = state.drill->repo;
  const RepositoryContents& contents = repository_seen(state, repo)->contents;
  const RestorableDatabase database = database_of(state);
  PlannedRestore plan = plan_restore(repo, {}, contents, database, state.now);
  const BackupSet* newest = newest_set(contents, database);
  if (newest != nullptr && newest->faulty)
    plan.refusal = {.reason = "BackupFaulty",
                    .text = say::drill_backup_faulty(repo, newest->label)};
  return plan;
}

bool is_chosen(const ClusterState& state) { return !state.drill->set.empty(); }

Wait backup_chosen(const OperationView& view) {
  ClusterState& state = view.state;
  const std::string& repo = state.drill->repo;
  if (!is_read(state))
    return {.satisfied = false,
            .waits_for = say::repository_to_be_read(repo, obstacle_to_repository(state, repo)),
            .remedy = say::repository_remedy()};
  const RestoreRefusal refusal = planned(state).refusal;
  if (!refusal.empty()) return {.satisfied = false, .waits_for = refusal.waits_for};
  return {.satisfied = is_chosen(state), .waits_for = say::drill_backup_to_be_chosen()};
}

// What is not there now and may come is waited for.
Message no_backup(const OperationView& view) {
  if (!is_read(view.state)) return {};
  const RestoreRefusal refusal = planned(view.state).refusal;
  return refusal.may_pass() ? Message() : refusal.text;
}

void read_again(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const std::string repo = state.drill->repo;
  const Timestamp next =
      is_read(state) ? repository_seen(state, repo)->at + kBetweenReadings : state.now;
  if (next > state.now) return requeue_at(state, next);
  ask_repository(builder, kMachine, repo, described(state));
}

Wait choose_backup(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const PlannedRestore plan = is_read(state) ? planned(state) : PlannedRestore();
  if (!is_read(state) || !plan.refusal.empty()) {
    read_again(builder);
    return backup_chosen(view);
  }
  Drill& its = *state.drill;
  its.set = plan.plan.options.set;
  its.timeline = plan.plan.options.timeline;
  its.archive = plan.plan.archive;
  for (const BackupSet& set : repository_seen(state, its.repo)->contents.backups) {
    if (set.label == its.set) its.type = set.type;
  }
  decide(builder, "choose-backup",
         say::drill_backup_chosen(its.set, its.repo, its.timeline, described(state)));
  return {.satisfied = true};
}

// ---- The end

void fail(StepBuilder& builder, std::string reason, Message why) {
  ClusterState& state = builder.state();
  Drill& its = *state.drill;
  its.phase = DrillPhase::kFailed;
  its.seen.active.reset();
  its.failure_reason = std::move(reason);
  its.failure = say::drill_failed(its.set, its.repo, std::move(why), described(state));
  report_event_once(builder, EventType::kWarning, "RestoreDrillFailed", its.failure);
}

void give_up(StepBuilder& builder, const Operation& /*operation*/, const Message& why) {
  ClusterState& state = builder.state();
  if (why.id == MessageId::drill_withdrawn) {  // and may be asked for again
    state.drill = Drill();
    return;
  }
  fail(builder, reason_of_failure(state), why);
}

Message complete(StepBuilder& builder, const OperationView& /*view*/) {
  ClusterState& state = builder.state();
  Drill& its = *state.drill;
  const VerifiedBackup verified = verified_by_job(state);
  its.phase = DrillPhase::kSucceeded;
  state.verified[its.repo] = verified;
  Message reason = say::drill_complete(its.set, its.repo, verified.checks, verified.seconds,
                                       verified.tables, verified.rows, verified.wal_end,
                                       verified.age ? concat(*verified.age) : std::string(),
                                       verified.answer, described(state));
  report_event_once(builder, EventType::kNormal, "RestoreDrillSucceeded", reason);
  return reason;
}

// clang-format off
constexpr std::array kGoals{
    Goal{.name = kPossible.transition, .limit = kPossible.limit, .check = possible,
         .passed = is_begun},
    Goal{.name = "drill-backup-chosen", .limit = 10min, .check = backup_chosen,
         .advance = choose_backup, .late = Late::kGiveUp, .passed = is_chosen, .failed = no_backup},
    Goal{.name = "drill-room-made", .limit = 10min, .check = room_made,
         .advance = make_room, .late = Late::kGiveUp, .passed = is_begun},
    Goal{.name = "drill-begun", .limit = 10min, .check = job_begun,
         .advance = begin_job, .late = Late::kGiveUp, .passed = has_pod_started},
    Goal{.name = "drill-has-pod", .limit = 10min, .check = pod_started,
         .late = Late::kGiveUp, .passed = has_pod_started},
    Goal{.name = "drill-ended", .limit = 25h, .check = job_ended,
         .late = Late::kGiveUp, .failed = job_failed},
};
// clang-format on

bool goes_on(ClusterState& state) {
  return state.drill &&
         (state.drill->phase == DrillPhase::kWaiting || state.drill->phase == DrillPhase::kRunning);
}

// What reads the repository for a restore, or stops the cluster, goes first.
Message reason_to_suspend(ClusterState& state) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  if (cluster.spec.shutdown) return say::drill_suspended_by_shutdown();
  if (!spec::has_backups(cluster)) return say::drill_suspended_without_repository();
  const bool restores = state.restore && is_unfinished(*state.restore);
  return restores ? say::drill_suspended_by_restore() : Message();
}

void suspend(StepBuilder& builder, Message reason) {
  ClusterState& state = builder.state();
  state.goals_since.erase(kMachine);
  Drill& its = *state.drill;
  const bool waits = its.phase == DrillPhase::kWaiting && !rendered(state).cluster.spec.shutdown;
  if (waits) note_wait(builder, kPossible, possible(look(state)));
  if (its.phase != DrillPhase::kRunning) return;
  its.phase = DrillPhase::kWaiting;
  its.since = state.now;
  its.set.clear();
  its.hash.clear();
  its.seen = {};
  decide(builder, "suspend", std::move(reason));
}

bool is_mistaken(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const Message mistake = mistake_in_drill(rendered(state).cluster);
  if (mistake.empty()) {
    clear_event(state, "InvalidRestoreDrill");
    return false;
  }
  report_event(builder, EventType::kWarning, "InvalidRestoreDrill", mistake);
  return true;
}

}  // namespace
}  // namespace drill

std::string to_string(DrillPhase phase) {
  switch (phase) {
    case DrillPhase::kAnswered:
      return "Answered";
    case DrillPhase::kWaiting:
      return "Waiting";
    case DrillPhase::kRunning:
      return "Running";
    case DrillPhase::kSucceeded:
      return "Succeeded";
    case DrillPhase::kFailed:
      return "Failed";
  }
  return "Unknown";
}

const OperationKind kDrill{.name = drill::kMachine,
                           .wanted = drill::wanted,
                           .withdrawn = drill::withdrawn,
                           .goals = drill::kGoals,
                           .complete = drill::complete,
                           .give_up = drill::give_up,
                           .goes_on = drill::goes_on};

void decide_drill(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const bool is_mistaken = drill::is_mistaken(builder);
  if (Message reason = drill::reason_to_suspend(state); !reason.empty()) {
    if (state.drill) drill::suspend(builder, std::move(reason));
  } else if (!is_mistaken || (state.drill && state.drill->phase == DrillPhase::kRunning)) {
    if (state.drill) drill::note_job(state);
    decide_process(builder, kDrill);
  } else {
    state.goals_since.erase(drill::kMachine);
  }
  drill::remove_leftovers(builder);
}

}  // namespace annals::fsm
