#include "fsm/operations/restore.h"

#include <array>
#include <chrono>
#include <utility>

#include "fsm/operations/restore_goals.h"
#include "fsm/operations/restore_jobs.h"
#include "fsm/step/engine.h"
#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/data_source.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace restore {
namespace {

using namespace std::chrono_literals;

// As far as it can be told: the annotation is among what changed last.
std::string writer_of_restore(const ClusterState& state) {
  return state.changes.text.contains(kAnnotation) ? state.changes.actor : std::string();
}

// A cluster that was shut down comes up first: of its primary is asked what there is to be kept.
bool is_shut_down(const ClusterState& state) {
  return !state.stopped.empty() && !is_restoring(state);
}

// It went on when something more urgent came.
bool is_to_go_on(const ClusterState& state) {
  return is_unfinished(*state.restore) && !is_shut_down(state);
}

// Something else is asked for than was answered last, also by what the status says: the journal may
// be an older copy.
bool is_new(ClusterState& state, const RestoreRequest& request) {
  const RestoreProgress& its = *state.restore;
  if (its.clone && its.clone->annotation == request.id) return false;
  if (request.id.empty() || is_unfinished(its) || is_shut_down(state)) return false;
  if (request.id != its.id) return request.id != state.spec->restored;
  return its.phase == RestorePhase::kFailed && !is_of(state, request);
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  if (!state.restore || is_cloning(*state.restore)) return std::nullopt;
  if (!is_unfinished(*state.restore)) remove_strays(builder);
  const RestoreRequest request = restore_request(rendered(state).cluster);
  const bool is_refused = state.restore->phase == RestorePhase::kFailed;
  if (is_refused && request.id.empty())
    state.restore = RestoreProgress{.adopted = adopted_volumes(*state.restore)};
  if (is_new(state, request)) {
    take_up(state, request);
  } else if (!is_to_go_on(state)) {
    return std::nullopt;
  }
  const std::string leader = view.primary == nullptr ? "" : view.primary->instance;
  Message reason = described(*state.restore);
  return Begin{.operation = Restore{.reason = reason, .since = state.now},
               .reason = std::move(reason),
               .inputs = {{.name = "request", .value = state.restore->id, .holds = true},
                          {.name = "leader", .value = leader, .holds = !leader.empty()}}};
}

bool is_asked(ClusterState& state) {
  if (!state.restore || is_cloning(*state.restore)) return false;
  return is_new(state, restore_request(rendered(state).cluster)) || is_to_go_on(state);
}

// Once the data directory has been touched there is no way back.
Message withdrawn(const OperationView& view) {
  ClusterState& state = view.state;
  const bool may_be = !is_data_touched(state) && state.restore->phase <= RestorePhase::kStopping;
  if (!may_be || !restore_request(rendered(state).cluster).id.empty()) return {};
  return say::restore_withdrawn();
}

// The journal is an older copy: what it is in the middle of has been done since.
bool is_done_already(const ClusterState& state) {
  return state.spec->restore_succeeded && state.spec->restored == state.restore->id;
}

// All instances may run. What was left before it is known only if the copy is not older than that.
void take_as_done(ClusterState& state) {
  RestoreProgress& its = *state.restore;
  if (is_restoring(state)) state.stopped.clear();
  its.phase = RestorePhase::kStarting;
  its.touched = false;
  state.restored_from = its.left;
  state.rendered.reset();
}

// Who leads last is restored, and what its database is called.
void observe(const OperationView& view) {
  ClusterState& state = view.state;
  if (!state.restore || !is_unfinished(*state.restore) || state.restore->clone) return;
  RestoreProgress& its = *state.restore;
  if (is_done_already(state) && its.phase != RestorePhase::kStarting) take_as_done(state);
  note_job(state);
  if (its.touched || its.phase > RestorePhase::kChecking) return;
  if (view.primary != nullptr) its.instance = view.primary->instance;
  if (its.instance.empty() && !view.members.empty()) its.instance = view.members.front().instance;
  if (is_bootstrapped(state)) its.system_id = system_identifier(state);
}

void give_up(StepBuilder& builder, const Operation& /*operation*/, const Message& why) {
  ClusterState& state = builder.state();
  (void)remove_all_jobs(builder);  // may_run() waits for their end
  (void)remove_all_permits(builder);
  if (restore_request(rendered(state).cluster).id.empty()) {
    state.restore = RestoreProgress{.adopted = adopted_volumes(*state.restore)};
    state.rendered.reset();  // schedules go on
    return;
  }
  RestoreProgress& its = *state.restore;
  const RestoreRefusal refusal = refusal_of(look(state));
  its.phase = RestorePhase::kFailed;
  state.rendered.reset();
  its.failure = why;
  its.failure_reason = refusal.empty() ? "RestoreGivenUp" : refusal.reason;
  report_event_once(builder, EventType::kWarning, its.failure_reason,
                    say::restore_refused(why, described(its)));
}

Message complete(StepBuilder& builder, const OperationView& /*view*/) {
  ClusterState& state = builder.state();
  RestoreProgress& its = *state.restore;
  its.phase = RestorePhase::kSucceeded;
  state.rendered.reset();
  state.startup_instance.clear();
  Message reason = say::restore_complete(its.instance, its.plan.options.set, described(its));
  report_event_once(builder, EventType::kNormal, "RestoreComplete", reason);
  return reason;
}

// Of what is asked only before the first instance stops.
constexpr Goal while_checking(Goal goal) {
  goal.passed = is_stop_begun;
  return goal;
}

// Of what is asked only before the data directory is touched.
constexpr Goal while_stopping(Goal goal) {
  goal.passed = is_restore_begun;
  return goal;
}

// clang-format off
constexpr std::array kGoals{
    Goal{.name = "request-valid", .limit = 1min,
         .check = request_valid, .advance = replace_request, .failed = request_refused},
    while_checking({"repository-read", 5min, repository_read, read_repository}),
    while_checking({.name = "target-in-reach", .limit = 10min,
                    .check = target_in_reach, .advance = choose_backup, .failed = target_refused}),
    while_checking({.name = "volume-has-room", .limit = 10min,
                    .check = volume_has_room, .failed = room_refused}),
    while_checking({"schedules-suspended", 10min, schedules_suspended}),
    while_checking({"backups-ended", 24h, backups_ended}),
    while_checking({"restore-point-made", 5min, point_made, make_point}),
    Goal{.name = "restore-point-archived", .limit = 10min, .check = point_archived,
         .advance = ask_whether_archived, .passed = is_stop_begun, .pass = begin_stop},
    while_stopping({"replicas-stopped", 10min, replicas_stopped, stop_replicas}),
    while_stopping({"primary-stopped", 10min, primary_stopped, stop_primary}),
    Goal{.name = "last-wal-archived", .limit = 10min, .check = wal_archived,
         .advance = archive_wal, .passed = is_restore_begun, .pass = begin_restore},
    Goal{.name = "data-restored", .limit = 24h, .check = data_restored,
         .advance = restore_data, .passed = is_data_restored, .pass = note_restored},
    Goal{"permit-removed", 5min, permit_removed, remove_permit},
    Goal{.name = "patroni-state-removed", .limit = 5min, .check = store_removed,
         .advance = remove_stores, .passed = is_start_begun, .pass = begin_start},
    Goal{.name = "primary-started", .limit = 10min, .check = primary_started,
         .advance = start_primary, .passed = is_led, .pass = note_leader},
    Goal{"replicas-started", 10min, replicas_started, start_replicas},
    Goal{"jobs-removed", 5min, jobs_removed, remove_jobs},
};
// clang-format on

}  // namespace

RestoreProgress& progress_of(ClusterState& state) { return *state.restore; }

Message described(const RestoreProgress& restore) {
  if (!restore.clone) return say::restore_requested(kAnnotation, restore.id, restore.writer);
  const CloneOrigin& origin = *restore.clone;
  if (!origin.store.empty()) return say::clone_of_store_requested(origin.store, restore.writer);
  if (!origin.deleted.empty())
    return say::take_up_requested(manifests::annotation::kTakeUpDeleted, origin.deleted,
                                  restore.writer);
  return say::clone_requested(source_name(origin.name_space, origin.cluster), restore.writer);
}

bool is_of(ClusterState& state, const RestoreRequest& request) {
  const RestoreProgress& its = *state.restore;
  if (request.id != its.id || request.undo != its.undo) return false;
  return request.undo || restore_described(rendered(state).cluster) == its.asked;
}

void take_up(ClusterState& state, const RestoreRequest& request) {
  const RestoreProgress last = std::move(*state.restore);
  RestoreProgress its{.phase = RestorePhase::kChecking,
                      .id = request.id,
                      .asked = request.undo ? "" : restore_described(rendered(state).cluster),
                      .writer = writer_of_restore(state),
                      .undo = request.undo,
                      .since = state.now,
                      .system_id = last.system_id,
                      .adopted = adopted_volumes(last)};
  // What has been stopped stays as it was then.
  const bool is_stopped =
      is_unfinished(last) && last.phase <= RestorePhase::kStopping && !state.stopped.empty();
  if (last.touched || is_stopped) {
    its.touched = last.touched;
    its.instance = last.instance;
    its.point = last.point;
    its.archived = last.archived;
    its.left = last.left;
  }
  if (request.undo && last.touched && !last.undo && last.left) {
    its.back_to = last.left->left;
  } else if (request.undo && state.restored_from) {
    its.back_to = state.restored_from->left;
  }
  state.restore = std::move(its);
  state.rendered.reset();
}

}  // namespace restore

std::string to_string(RestorePhase phase) {
  switch (phase) {
    case RestorePhase::kAnswered:
      return "Answered";
    case RestorePhase::kChecking:
      return "Checking";
    case RestorePhase::kStopping:
      return "Stopping";
    case RestorePhase::kRestoring:
      return "Restoring";
    case RestorePhase::kRestored:
      return "Restored";
    case RestorePhase::kStarting:
      return "Starting";
    case RestorePhase::kSucceeded:
      return "Succeeded";
    case RestorePhase::kFailed:
      return "Failed";
  }
  return "Unknown";
}

const OperationKind kRestore{.name = "restore",
                             .wanted = restore::wanted,
                             .withdrawn = restore::withdrawn,
                             .goals = restore::kGoals,
                             .complete = restore::complete,
                             .give_up = restore::give_up,
                             .observe = restore::observe,
                             .is_asked = restore::is_asked};

void meet_restore_request(ClusterState& state) {
  if (state.restore || state.phase != ProvisionPhase::kDone || !rendered(state).mistakes.empty())
    return;
  RestoreProgress met;
  met.id = restore_request(rendered(state).cluster).id;
  state.restore = std::move(met);
}

}  // namespace annals::fsm
