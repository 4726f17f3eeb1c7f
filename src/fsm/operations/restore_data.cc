// The data directory is written anew, and instances come up on it.
#include <algorithm>
#include <charconv>
#include <set>

#include "base/concat.h"
#include "fsm/operations/restore_goals.h"
#include "fsm/operations/restore_jobs.h"
#include "fsm/step/remove_store.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/job_pods.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "spec/restore_target.h"

namespace annals::fsm::restore {
namespace {

std::string told(const std::map<std::string, std::string>& report, const char* name) {
  const auto value = report.find(name);
  return value == report.end() ? std::string() : value->second;
}

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// What the archive Job has seen; else what is known from the restore point. Recovery comes at least
// to that point.
LeftTimeline left_by(const ClusterState& state) {
  const RestoreProgress& its = *state.restore;
  const auto report = report_of_job(state, manifests::names::archive_job(state.spec->name));
  LeftTimeline left{.repo = its.plan.repo, .last_wal = told(report, "segment")};
  left.timeline = number(told(report, "timeline"));
  std::string lsn = told(report, "lsn");
  if (its.point) {
    left.restore_point = its.point->name;
    if (left.timeline == 0) left.timeline = its.point->timeline;
    lsn = its.point->lsn;
  }
  left.lsn = spec::parse_lsn(lsn).value_or(0);
  return left;
}

Wait wait_without_archive(ClusterState& state, Wait wait) {
  if (!wait.satisfied && !progress_of(state).failure.empty())
    wait.remedy = say::without_archive_remedy(kWithoutArchive, progress_of(state).id);
  return wait;
}

void start(StepBuilder& builder, const std::string& instance, Message reason) {
  ClusterState& state = builder.state();
  if (state.stopped.erase(instance) == 0) return;
  state.rendered.reset();
  builder.decide({.machine = kMachine,
                  .transition = "start-instance",
                  .reason = std::move(reason),
                  .inputs = {},
                  .intents = {}});
}

}  // namespace

Wait wal_archived(const OperationView& view) {
  ClusterState& state = view.state;
  if (keeps_nothing(state)) return {.satisfied = true};
  return wait_without_archive(state, step_complete(view, archive_step(state)));
}

Wait archive_wal(StepBuilder& builder, const OperationView& /*view*/) {
  return wait_without_archive(builder.state(), pursue_step(builder, archive_step));
}

bool is_restore_begun(const ClusterState& state) {
  return state.restore->phase > RestorePhase::kStopping;
}

// From here on there is no way back but by the repository.
Message begin_restore(ClusterState& state) {
  RestoreProgress& its = progress_of(state);
  const std::string without = allowed_without_archive(state);
  if (!its.left)
    its.left = RestoreOrigin{.request = its.id, .left = left_by(state), .without_archive = without};
  its.touched = true;
  its.phase = RestorePhase::kRestoring;
  its.attempt = 0;
  its.retry_at.reset();
  its.failure = {};
  // Backups of what is left are no ground for replicas of what comes.
  BackupProgress& backups = state.backup;
  backups.phase = std::min(backups.phase, BackupPhase::kFirstBackup);
  backups.attempt = 0;
  backups.retry_at.reset();
  backups.last_failure.reset();
  backups.after = its.id;
  state.members.reset();
  state.leader_move.reset();
  state.rendered.reset();
  const RestoreOrigin& origin = *its.left;
  return origin.without_archive.empty()
             ? say::last_segment_archived(origin.left.repo, origin.left.last_wal)
             : say::restoring_without_archive(origin.without_archive);
}

Wait data_restored(const OperationView& view) {
  return step_complete(view, restore_step(view.state));
}

Wait restore_data(StepBuilder& builder, const OperationView& /*view*/) {
  return pursue_step(builder, restore_step);
}

bool is_data_restored(const ClusterState& state) {
  return state.restore->phase > RestorePhase::kRestoring;
}

Message note_restored(ClusterState& state) {
  RestoreProgress& its = progress_of(state);
  note_job(state);
  const auto report = report_of_job(state, manifests::names::restore_job(state.spec->name));
  const std::string timeline = told(report, "timeline");
  const std::string lsn = told(report, "lsn");
  if (!timeline.empty()) {
    state.timelines.push_back({.timeline = number(timeline),
                               .parent = number(told(report, "from")),
                               .lsn = spec::parse_lsn(lsn).value_or(0),
                               .time = state.now,
                               .restored = true});
  }
  its.phase = RestorePhase::kRestored;
  its.failure = {};
  state.rendered.reset();
  return say::data_is_restored(its.instance, timeline, lsn);
}

Wait permit_removed(const OperationView& view) { return no_permit_left(view.state); }

Wait remove_permit(StepBuilder& builder, const OperationView& /*view*/) {
  return remove_all_permits(builder);
}

Wait store_removed(const OperationView& view) {
  const std::vector<ObjectRef> stores = known_stores(view.state);
  if (stores.empty()) return {.satisfied = true};
  const auto retry = view.state.retries.find(to_string(stores.front()));
  return {.satisfied = false,
          .waits_for = say::patroni_state_to_be_removed(
              retry == view.state.retries.end()
                  ? Message()
                  : say::error_of_target(retry->first, retry->second.error))};
}

Wait remove_stores(StepBuilder& builder, const OperationView& view) {
  for (const ObjectRef& store : known_stores(builder.state())) {
    remove_store(builder, store,
                 {.machine = kMachine,
                  .transition = "remove-patroni-state",
                  .reason = say::removing_state_before_restore(to_string(store)),
                  .input = "instances-running",
                  .guard = {.lost = say::patroni_state_of_cluster(),
                            .other_copy = say::no_copy_needed(),
                            .allowed_by = described(progress_of(builder.state()))}});
  }
  return store_removed(view);
}

bool is_start_begun(const ClusterState& state) {
  return state.restore->phase > RestorePhase::kRestored;
}

Message begin_start(ClusterState& state) {
  RestoreProgress& its = progress_of(state);
  its.phase = RestorePhase::kStarting;
  state.rendered.reset();
  return say::restored_may_start(its.instance);
}

Wait primary_started(const OperationView& view) {
  ClusterState& state = view.state;
  const std::string& first = progress_of(state).instance;
  const Member* leader = view.primary;
  if (leader != nullptr && leader->instance == first && leader->available && is_bootstrapped(state))
    return {.satisfied = true};
  const std::string pod = manifests::names::instance_pod(first);
  const auto known = state.pods.find(pod);
  Message trouble = known == state.pods.end() ? Message() : trouble_of(state, known->second);
  return {.satisfied = false,
          .waits_for = say::restored_to_be_primary(first, std::move(trouble)),
          .remedy = say::describe_pod_and_logs(pod)};
}

Wait start_primary(StepBuilder& builder, const OperationView& view) {
  const std::string first = progress_of(builder.state()).instance;
  start(builder, first, say::starting_instance(first, say::its_volume_is_restored()));
  return primary_started(view);
}

bool is_led(const ClusterState& state) { return !state.restore->touched; }

// Roles of the restored database are older than the Secrets.
Message note_leader(ClusterState& state) {
  RestoreProgress& its = progress_of(state);
  its.touched = false;
  if (its.left) state.restored_from = its.left;
  state.written.erase(kSqlTarget);
  state.rendered.reset();
  return say::pod_is_primary(manifests::names::instance_pod(its.instance));
}

Wait replicas_started(const OperationView& view) {
  for (const Member& member : view.members) {
    if (view.state.stopped.contains(member.instance))
      return {.satisfied = false, .waits_for = say::instance_to_have_pod(member.instance)};
  }
  return {.satisfied = true};
}

Wait start_replicas(StepBuilder& builder, const OperationView& view) {
  const std::set<std::string> others = builder.state().stopped;
  const std::string primary = manifests::names::instance_pod(progress_of(builder.state()).instance);
  for (const std::string& instance : others)
    start(builder, instance, say::starting_instance(instance, say::pod_is_primary(primary)));
  return replicas_started(view);
}

Wait jobs_removed(const OperationView& view) { return no_job_left(view.state); }

Wait remove_jobs(StepBuilder& builder, const OperationView& /*view*/) {
  return remove_all_jobs(builder);
}

}  // namespace annals::fsm::restore
