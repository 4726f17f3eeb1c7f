#include "fsm/machines/expire_backup.h"

#include <array>
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/engine.h"
#include "fsm/step/events.h"
#include "fsm/step/repository_query.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/name_suffix.h"
#include "fsm/view/removal_request.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/repository_writers.h"
#include "fsm/view/restore_progress.h"
#include "manifests/labels.h"
#include "manifests/pgbackrest/backup_jobs.h"

namespace annals::fsm {
namespace expire_backup {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMachine = "expire-backup";
constexpr const char* kAnnotation = manifests::annotation::kPgBackRestExpire;
constexpr const char* kNeedsConsent = "BackupNeedsConsent";

ObjectRef job_ref(const ClusterState& state) {
  return {.api_version = "batch/v1",
          .kind = "Job",
          .name_space = state.spec->name_space,
          .name = state.removal->job};
}

const ObjectObserved* known_job(const ClusterState& state) {
  const auto job = state.objects.find(job_ref(state));
  return job == state.objects.end() ? nullptr : &job->second;
}

Message described(const BackupRemoval& its) {
  return say::removal_requested(kAnnotation, its.id, its.writer);
}

bool is_running(const ClusterState& state) {
  return state.removal->phase == RemovalPhase::kRunning;
}

// A Job is on its way, or there: it may have removed the backup.
bool is_begun(const ClusterState& state) {
  const BackupRemoval& its = *state.removal;
  return is_running(state) || (!its.job.empty() && is_pending(state, to_string(job_ref(state))));
}

void note_job(ClusterState& state) {
  BackupRemoval& its = *state.removal;
  if (its.phase != RemovalPhase::kWaiting && its.phase != RemovalPhase::kRunning) return;
  const ObjectObserved* job = its.job.empty() ? nullptr : known_job(state);
  if (job == nullptr) return;
  its.phase = RemovalPhase::kRunning;
  const JobFields& told = *job->fields.job;
  its.seen = {.start_time = told.start_time,
              .completion_time = told.completion_time,
              .active = told.active,
              .succeeded = told.succeeded,
              .failures = told.failures};
}

// One that waits for consent alone is taken up again when it has it.
bool is_asked_anew(ClusterState& state, const RemovalRequest& request) {
  const BackupRemoval& its = *state.removal;
  if (request.id.empty()) return false;
  return request.id != its.id || (its.phase == RemovalPhase::kFailed && request.consented &&
                                  its.failure_reason == kNeedsConsent);
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = view.state;
  const RemovalRequest request = removal_request(rendered(state).cluster);
  if (!is_asked_anew(state, request)) return std::nullopt;
  if (!state.removal->failure_reason.empty()) clear_event(state, state.removal->failure_reason);
  BackupRemoval its;
  its.phase = RemovalPhase::kWaiting;
  its.id = request.id;
  its.repo = request.repo;
  its.set = request.set;
  its.since = builder.state().now;
  if (state.changes.text.contains(kAnnotation)) its.writer = state.changes.actor;
  state.removal = std::move(its);
  return Begin{.operation = {},
               .reason = described(*state.removal),
               .inputs = {{.name = "request", .value = request.id, .holds = true}}};
}

Message withdrawn(const OperationView& view) {
  ClusterState& state = view.state;
  if (is_begun(state)) return {};
  const RemovalRequest request = removal_request(rendered(state).cluster);
  return request.id == state.removal->id ? Message() : say::removal_withdrawn();
}

bool is_read(const ClusterState& state) {
  const RepositorySeen* seen = repository_seen(state, state.removal->repo);
  return seen != nullptr && seen->at >= state.removal->since;
}

// What is wrong with the text alone is told before anything was read.
RemovalObjection objection(ClusterState& state) {
  const RemovalRequest request = removal_request(rendered(state).cluster);
  const bool is_text = request.repo.empty() || request.set.empty();
  if (!is_text && repository_seen(state, request.repo) != nullptr && !is_read(state)) return {};
  return objection_to(state, request);
}

Message refused(const OperationView& view) { return objection(view.state).text; }

Wait backup_found(const OperationView& view) {
  ClusterState& state = view.state;
  if (is_read(state)) return {.satisfied = true};
  const std::string& repo = state.removal->repo;
  return {.satisfied = false,
          .waits_for = say::repository_to_be_read(repo, obstacle_to_repository(state, repo)),
          .remedy = say::repository_remedy()};
}

Wait read_repository(StepBuilder& builder, const OperationView& view) {
  const std::string repo = view.state.removal->repo;
  ask_repository(builder, kMachine, repo, described(*view.state.removal));
  return backup_found(view);
}

Wait nobody_else_works(const OperationView& view) {
  const ClusterState& state = view.state;
  if (holds_up_backups(state) || is_restoring(state))
    return {.satisfied = false, .waits_for = say::restore_to_complete()};
  if (state.drill && state.drill->phase == DrillPhase::kRunning)
    return {.satisfied = false, .waits_for = say::drill_to_complete()};
  return no_other_writer(state, state.removal->job);
}

Wait host_ready(const OperationView& view) {
  return wait_for_host_of(view.state, view.state.removal->repo);
}

Wait job_begun(const OperationView& view) {
  const ClusterState& state = view.state;
  if (is_running(state)) return {.satisfied = true};
  const auto retry = state.retries.find(to_string(job_ref(state)));
  return {.satisfied = false,
          .waits_for = say::job_to_be_created(
              to_string(job_ref(state)),
              retry == state.retries.end() ? Message() : retry->second.error)};
}

ApplyObject removal_job(ClusterState& state) {
  const BackupRemoval& its = *state.removal;
  const Rendered& all = rendered(state);
  const manifests::BackupJob job{.name = its.job,
                                 .purpose = manifests::BackupPurpose::kExpire,
                                 .repo = its.repo,
                                 .options = {concat("--set=", its.set)},
                                 .id = its.id};
  ApplyObject action{.ref = job_ref(state),
                     .digest = {},
                     .manifest = manifests::backup_job_manifest(all.cluster, all.world, job),
                     .guard = {.lost = say::backup_lost(its.set, its.repo, listed(its.also)),
                               .other_copy = copies_besides(state, removal_request(all.cluster)),
                               .allowed_by = described(its)}};
  action.digest = sha256_hex(action.manifest);
  return action;
}

Wait begin_job(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  if (is_begun(state)) return job_begun(view);
  BackupRemoval& its = *state.removal;
  its.job =
      concat(state.spec->name, "-expire-", name_suffix(state.uid, concat("expire/", its.id), 0));
  const std::string target = to_string(job_ref(state));
  if (is_waiting_to_retry(state, target)) return job_begun(view);
  its.also = dependents_of(repository_seen(state, its.repo)->contents, its.set);
  const Message lost = say::backup_lost(its.set, its.repo, listed(its.also));
  report_event_once(builder, EventType::kNormal, "RemovingBackup",
                    say::removing_backup(lost, described(its)));
  builder.decide({.machine = kMachine,
                  .transition = "start",
                  .reason = say::starting_removal(target, lost, described(its)),
                  .inputs = {{.name = "request", .value = its.id, .holds = true}},
                  .intents = {}},
                 {removal_job(state)});
  return job_begun(view);
}

Message failure_of(const ClusterState& state) {
  const ObjectObserved* job = known_job(state);
  if (job == nullptr) return say::job_removed_unseen();
  const JobFields& told = *job->fields.job;
  if (told.complete || !told.failed) return {};
  return say::job_failed(*told.failed);
}

Message job_failed(const OperationView& view) {
  const Message failure = failure_of(view.state);
  if (failure.empty()) return {};
  return say::requested_job_failed(view.state.removal->job, failure,
                                   described(*view.state.removal));
}

Wait job_ended(const OperationView& view) {
  const ObjectObserved* job = known_job(view.state);
  if (job != nullptr && job->fields.job->complete) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::removal_to_complete(view.state.removal->job),
          .remedy = say::job_logs(view.state.removal->job)};
}

Message complete(StepBuilder& builder, const OperationView& /*view*/) {
  BackupRemoval& its = *builder.state().removal;
  its.phase = RemovalPhase::kSucceeded;
  its.ended = builder.state().now;
  return say::requested_job_complete(its.job, described(its));
}

void give_up(StepBuilder& builder, const Operation& /*operation*/, const Message& why) {
  ClusterState& state = builder.state();
  BackupRemoval& its = *state.removal;
  const RemovalObjection against =
      is_running(state) ? RemovalObjection{.reason = "BackupRemovalFailed", .text = why}
                        : objection(state);
  if (against.text.empty()) {
    state.removal = BackupRemoval();  // it was withdrawn
    return;
  }
  its.phase = RemovalPhase::kFailed;
  its.ended = state.now;
  its.failure_reason = against.reason;
  its.failure = against.text;
  its.seen.active.reset();
}

// Told as long as it is the last one.
void tell_end(StepBuilder& builder) {
  const BackupRemoval& its = *builder.state().removal;
  if (its.phase == RemovalPhase::kSucceeded)
    report_event(builder, EventType::kNormal, "BackupRemoved",
                 say::backup_removed(its.set, its.repo, listed(its.also)));
  if (its.phase == RemovalPhase::kFailed)
    report_event(builder, EventType::kWarning, its.failure_reason, its.failure);
}

constexpr Goal before_job(Goal goal) {
  goal.passed = is_begun;
  return goal;
}

constexpr std::array kGoals{
    before_job({.name = "backup-found",
                .limit = 30min,
                .check = backup_found,
                .advance = read_repository,
                .failed = refused}),
    before_job({"nobody-else-works", 24h, nobody_else_works}),
    before_job({"repository-host-ready", 10min, host_ready}),
    Goal{"removal-begun", 10min, job_begun, begin_job},
    Goal{.name = "removal-ended", .limit = 1h, .check = job_ended, .failed = job_failed}};

bool goes_on(ClusterState& state) {
  return is_running(state) || state.removal->phase == RemovalPhase::kWaiting;
}

}  // namespace
}  // namespace expire_backup

std::string to_string(RemovalPhase phase) {
  switch (phase) {
    case RemovalPhase::kAnswered:
      return "Answered";
    case RemovalPhase::kWaiting:
      return "Waiting";
    case RemovalPhase::kRunning:
      return "Running";
    case RemovalPhase::kSucceeded:
      return "Succeeded";
    case RemovalPhase::kFailed:
      return "Failed";
  }
  return "Unknown";
}

const OperationKind kExpireBackup{.name = expire_backup::kMachine,
                                  .wanted = expire_backup::wanted,
                                  .withdrawn = expire_backup::withdrawn,
                                  .goals = expire_backup::kGoals,
                                  .complete = expire_backup::complete,
                                  .give_up = expire_backup::give_up,
                                  .goes_on = expire_backup::goes_on};

void meet_removal_request(ClusterState& state) {
  if (state.removal || !rendered(state).mistakes.empty()) return;
  state.removal = BackupRemoval();
  state.removal->id = removal_request(rendered(state).cluster).id;
}

void decide_expire_backup(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!state.removal || rendered(state).repositories.empty()) return;
  expire_backup::note_job(state);
  const RemovalRequest request = removal_request(rendered(state).cluster);
  if (expire_backup::goes_on(state) || expire_backup::is_asked_anew(state, request))
    decide_process(builder, kExpireBackup);
  expire_backup::tell_end(builder);
}

}  // namespace annals::fsm
