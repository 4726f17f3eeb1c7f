#include "fsm/machines/manual_backup.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/engine.h"
#include "fsm/step/events.h"
#include "fsm/step/job_trouble.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_request.h"
#include "fsm/view/database.h"
#include "fsm/view/job_failure.h"
#include "fsm/view/name_suffix.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/repository_stanzas.h"
#include "fsm/view/repository_trouble.h"
#include "fsm/view/repository_writers.h"
#include "fsm/view/restore_progress.h"
#include "fsm/view/standby.h"
#include "manifests/labels.h"
#include "manifests/pgbackrest/backup_jobs.h"

namespace annals::fsm {
namespace manual_backup {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMachine = "manual-backup";
constexpr const char* kAnnotation = manifests::annotation::kPgBackRestBackup;

// Who wrote it, as far as that can be told: the annotation is among what changed last, or nothing
// has changed since the cluster was made.
std::string writer_of_request(const ClusterState& state) {
  if (state.changes.text.contains(kAnnotation)) return state.changes.actor;
  const Actor& maker = state.spec->actor;
  if (!state.changes.text.empty() || maker.manager.empty()) return {};
  return concat(maker.manager, " (", maker.operation, " at ", maker.time, ")");
}

bool has_ended(const ObjectObserved& job) { return job.fields.job->has_ended(); }

ObjectRef job_ref(const ClusterState& state, const std::string& name) {
  return {
      .api_version = "batch/v1", .kind = "Job", .name_space = state.spec->name_space, .name = name};
}

// The same for the same request; another one only where the name is another Job's.
ObjectRef free_job_ref(const ClusterState& state, const std::string& request) {
  for (int counter = 0;; ++counter) {
    ObjectRef ref =
        job_ref(state, concat(state.spec->name, "-backup-",
                              name_suffix(state.uid, concat("manual/", request), counter)));
    if (!state.objects.contains(ref)) return ref;
  }
}

Message described(const ManualBackup& its) {
  return say::backup_requested(kAnnotation, its.id, its.writer);
}

void decide(StepBuilder& builder, const char* transition, Message reason, bool holds,
            std::vector<Action> actions = {}) {
  builder.decide(
      {.machine = kMachine,
       .transition = transition,
       .reason = std::move(reason),
       .inputs = {{.name = "request", .value = builder.state().manual_backup->id, .holds = holds}},
       .intents = {}},
      std::move(actions));
}

void forget_mistake(ClusterState& state) {
  state.manual_backup->mistake = {};
  clear_event(state, "InvalidManualBackup");
  clear_event(state, "InvalidBackupRepo");
}

// What its Job says of itself.
void note_job(ClusterState& state) {
  ManualBackup& its = *state.manual_backup;
  const bool is_followed =
      its.phase == ManualBackupPhase::kWaiting || its.phase == ManualBackupPhase::kRunning;
  const ObjectObserved* job = is_followed ? job_for(state, its.id) : nullptr;
  if (job == nullptr) return;
  if (!its.mistake.empty()) forget_mistake(state);
  its.phase = ManualBackupPhase::kRunning;
  its.job = job->ref.name;
  const JobFields& told = *job->fields.job;
  if (told.repo) its.repo = *told.repo;
  its.seen = {.start_time = told.start_time,
              .completion_time = told.completion_time,
              .active = told.active,
              .succeeded = told.succeeded,
              .failures = told.failures};
}

// Told as long as it is the last one; the same words are told once.
void tell_end(StepBuilder& builder) {
  const ManualBackup& its = *builder.state().manual_backup;
  if (its.phase == ManualBackupPhase::kSucceeded) {
    report_event(builder, EventType::kNormal, "ManualBackupComplete",
                 say::manual_backup_made(its.job, its.repo, its.id));
  } else if (its.phase == ManualBackupPhase::kFailed) {
    report_event(builder, EventType::kWarning, "ManualBackupFailed",
                 say::manual_backup_job_failed(its.job, its.failure, kAnnotation));
  }
}

// It takes the place of the last one.
void note_request(ClusterState& state, const std::string& request) {
  forget_mistake(state);
  ManualBackup its;
  its.id = request;
  its.writer = writer_of_request(state);
  state.manual_backup = std::move(its);
}

void forget_request(ClusterState& state) {
  forget_mistake(state);
  state.manual_backup = ManualBackup();
}

void refuse(StepBuilder& builder, const RequestMistake& mistake) {
  ManualBackup& its = *builder.state().manual_backup;
  its.phase = ManualBackupPhase::kWaiting;
  if (its.mistake != mistake.text) {
    forget_mistake(builder.state());
    its.mistake = mistake.text;
    decide(builder, "refuse", say::backup_refused(mistake.text, described(its)), false);
  }
  report_event(builder, EventType::kWarning, mistake.reason,
               say::backup_refused(mistake.text, described(its)));
}

// A request that cannot be met as it stands waits for nothing but the spec.
bool is_refused(const ManualBackup& its) { return !its.mistake.empty(); }

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = view.state;
  const std::string request = backup_request(rendered(state).cluster);
  if (request.empty()) {
    if (!is_refused(*state.manual_backup)) return std::nullopt;
    decide(builder, "abandon", say::backup_request_withdrawn(), false);
    forget_request(state);
    return std::nullopt;
  }
  if (request != state.manual_backup->id) {
    note_request(state, request);
  } else if (!is_refused(*state.manual_backup)) {
    return std::nullopt;
  }
  const RequestMistake mistake = mistake_in_request(rendered(state).cluster);
  if (!mistake.text.empty()) {
    refuse(builder, mistake);
    return std::nullopt;
  }
  forget_mistake(state);
  state.manual_backup->phase = ManualBackupPhase::kWaiting;
  note_job(state);  // of before this journal
  return Begin{.operation = {},
               .reason = described(*state.manual_backup),
               .inputs = {{.name = "request", .value = request, .holds = true}}};
}

bool is_running(const ClusterState& state) {
  return state.manual_backup->phase == ManualBackupPhase::kRunning;
}

// An apply that is on its way may become a Job: until its outcome nothing else is begun.
bool is_begun(const ClusterState& state) {
  const ManualBackup& its = *state.manual_backup;
  return is_running(state) ||
         (!its.job.empty() && is_pending(state, to_string(job_ref(state, its.job))));
}

Message withdrawn(const OperationView& view) {
  ClusterState& state = view.state;
  if (is_begun(state)) return {};
  const std::string request = backup_request(rendered(state).cluster);
  if (request.empty()) return say::backup_request_withdrawn();
  if (request != state.manual_backup->id) return say::backup_request_replaced(request);
  return mistake_in_request(rendered(state).cluster).text;
}

std::string repo_of_request(ClusterState& state) {
  const std::optional<spec::PgBackRest>& backups = rendered(state).cluster.spec.backups->pgbackrest;
  return backups->manual ? backups->manual->repo_name : std::string();
}

Wait first_backup_made(const OperationView& view) {
  ClusterState& state = view.state;
  if (holds_up_backups(state)) return {.satisfied = false, .waits_for = say::restore_to_complete()};
  if (state.phase != ProvisionPhase::kDone || state.backup.phase != BackupPhase::kDone)
    return {.satisfied = false, .waits_for = say::first_backup_to_complete()};
  const std::string repo = repo_of_request(state);
  if (has_stanza(state, repo)) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::stanza_to_be_created(repo, "", trouble_of_stanza(state, repo))};
}

std::vector<const ObjectObserved*> earlier_jobs(const ClusterState& state) {
  std::vector<const ObjectObserved*> jobs = jobs_of(state);
  std::erase_if(jobs, [&](const ObjectObserved* job) {
    const std::string request = job->fields.job->request.value_or("");
    return request.empty() || request == state.manual_backup->id;
  });
  return jobs;
}

Wait room_made(const OperationView& view) {
  const std::vector<const ObjectObserved*> jobs = earlier_jobs(view.state);
  if (jobs.empty()) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::job_of_earlier_request(to_string(jobs.back()->ref))};
}

// One that runs is waited for, one that has ended makes room.
Wait make_room(StepBuilder& builder, const OperationView& view) {
  const ClusterState& state = builder.state();
  for (const ObjectObserved* job : earlier_jobs(state)) {
    const std::string target = to_string(job->ref);
    if (!has_ended(*job) || is_pending(state, target) || is_waiting_to_retry(state, target))
      continue;
    decide(builder, "make-room", say::removing_ended_job(target), true,
           {DeleteObject{.ref = job->ref,
                         .digest = job->uid,
                         .guard = {.lost = say::log_of_ended_job(),
                                   .other_copy = say::backup_in_repository(),
                                   .allowed_by = say::newer_request(state.manual_backup->id)}}});
  }
  return room_made(view);
}

// Also one of a schedule, which Kubernetes begins.
Wait other_backups_ended(const OperationView& view) {
  return no_other_writer(view.state, view.state.manual_backup->job);
}

Wait primary_ready(const OperationView& view) {
  if (primary(view.state) != nullptr) return {.satisfied = true};
  return {.satisfied = false, .waits_for = say::primary_awaited("")};
}

Wait repository_host_ready(const OperationView& view) {
  return wait_for_host_of(view.state, repo_of_request(view.state));
}

// A Job is seen, and followed from then on.
Wait job_begun(const OperationView& view) {
  const ClusterState& state = view.state;
  if (is_running(state)) return {.satisfied = true};
  const std::string target = to_string(job_ref(state, state.manual_backup->job));
  const auto retry = state.retries.find(target);
  return {.satisfied = false,
          .waits_for = say::job_to_be_created(
              target, retry == state.retries.end() ? Message() : retry->second.error)};
}

Wait begin_job(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  if (is_begun(state)) return job_begun(view);
  ManualBackup& its = *state.manual_backup;
  const Rendered& all = rendered(state);
  const spec::ManualBackup& requested = *all.cluster.spec.backups->pgbackrest->manual;
  const ObjectRef ref = free_job_ref(state, its.id);
  its.job = ref.name;
  const std::string target = to_string(ref);
  if (is_waiting_to_retry(state, target)) return job_begun(view);
  its.repo = requested.repo_name;
  const manifests::BackupJob job{.name = ref.name,
                                 .purpose = manifests::BackupPurpose::kManual,
                                 .repo = requested.repo_name,
                                 .options = requested.options,
                                 .id = its.id};
  ApplyObject action{.ref = ref,
                     .digest = {},
                     .manifest = manifests::backup_job_manifest(all.cluster, all.world, job)};
  action.digest = sha256_hex(action.manifest);
  decide(builder, "start-backup", say::starting_manual_backup(target, its.repo, described(its)),
         true, {std::move(action)});
  return job_begun(view);
}

Message backup_of_job(const ClusterState& state, const Message& trouble = {}) {
  const ManualBackup& its = *state.manual_backup;
  return say::manual_backup_to_complete(its.job, described(its), trouble);
}

Wait job_has_pod(const OperationView& view) {
  ClusterState& state = view.state;
  const ObjectObserved* job = job_for(state, state.manual_backup->id);
  const Message trouble = job == nullptr ? Message() : trouble_of_job(state, *job);
  if (trouble.empty()) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = backup_of_job(state, trouble),
          .remedy = say::describe_job(job->ref.name)};
}

Message failure_in_words(ClusterState& state, const std::string& error) {
  return say::repository_job_failed(
      error, field_to_look_at(rendered(state).cluster, state.manual_backup->repo, error));
}

// Kubernetes tries it again itself: why the last pod failed.
Message trouble_so_far(ClusterState& state) {
  const std::string words = last_words_of_job(state, state.manual_backup->job);
  return words.empty() ? Message() : failure_in_words(state, words);
}

// Kubernetes has tried it again itself, as often as a Job is. One request is answered once.
Message failure_of(ClusterState& state) {
  const ObjectObserved* job = job_for(state, state.manual_backup->id);
  if (job == nullptr) return say::job_removed_unseen();
  const JobFields& told = *job->fields.job;
  if (told.complete || !told.failed) return {};
  const std::string words = last_words_of_job(state, job->ref.name);
  return say::job_failed(words.empty() ? literal(*told.failed) : failure_in_words(state, words));
}

Message job_failed(const OperationView& view) {
  const Message failure = failure_of(view.state);
  if (failure.empty()) return {};
  const ManualBackup& its = *view.state.manual_backup;
  return say::requested_job_failed(its.job, failure, described(its));
}

Wait job_ended(const OperationView& view) {
  const ManualBackup& its = *view.state.manual_backup;
  if (job_for(view.state, its.id)->fields.job->complete) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = backup_of_job(view.state, trouble_so_far(view.state)),
          .remedy = say::job_logs(its.job)};
}

Message complete(StepBuilder& builder, const OperationView& /*view*/) {
  ManualBackup& its = *builder.state().manual_backup;
  its.phase = ManualBackupPhase::kSucceeded;
  return say::requested_job_complete(its.job, described(its));
}

void give_up(StepBuilder& builder, const Operation& /*operation*/, const Message& /*why*/) {
  ClusterState& state = builder.state();
  if (!is_running(state)) return forget_request(state);
  ManualBackup& its = *state.manual_backup;
  its.phase = ManualBackupPhase::kFailed;
  its.failure = failure_of(state);
  its.seen.active.reset();
}

// Of what is asked only before its Job is on its way.
constexpr Goal before_job(Goal goal) {
  goal.passed = is_begun;
  return goal;
}

constexpr std::array kGoals{
    before_job({"first-backup-made", 2h, first_backup_made}),
    before_job({"room-made", 10min, room_made, make_room}),
    before_job({"other-backups-ended", 24h, other_backups_ended}),
    before_job({"primary-ready", 10min, primary_ready}),
    before_job({"repository-host-ready", 10min, repository_host_ready}),
    Goal{"manual-backup-begun", 10min, job_begun, begin_job},
    Goal{"manual-backup-has-pod", 5min, job_has_pod},
    Goal{.name = "manual-backup-ended", .limit = 24h, .check = job_ended, .failed = job_failed}};

bool goes_on(ClusterState& state) {
  return is_running(state) || (state.manual_backup->phase == ManualBackupPhase::kWaiting &&
                               !is_refused(*state.manual_backup));
}

// Something else is asked for than was answered last.
bool is_asked(ClusterState& state) {
  const ManualBackup& its = *state.manual_backup;
  const std::string request = backup_request(rendered(state).cluster);
  return is_refused(its) || (!request.empty() && request != its.id);
}

}  // namespace
}  // namespace manual_backup

std::string to_string(ManualBackupPhase phase) {
  switch (phase) {
    case ManualBackupPhase::kAnswered:
      return "Answered";
    case ManualBackupPhase::kWaiting:
      return "Waiting";
    case ManualBackupPhase::kRunning:
      return "Running";
    case ManualBackupPhase::kSucceeded:
      return "Succeeded";
    case ManualBackupPhase::kFailed:
      return "Failed";
  }
  return "Unknown";
}

const OperationKind kManualBackup{.name = manual_backup::kMachine,
                                  .wanted = manual_backup::wanted,
                                  .withdrawn = manual_backup::withdrawn,
                                  .goals = manual_backup::kGoals,
                                  .complete = manual_backup::complete,
                                  .give_up = manual_backup::give_up,
                                  .goes_on = manual_backup::goes_on};

void meet_backup_request(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (state.manual_backup || !rendered(state).mistakes.empty()) return;
  state.manual_backup = ManualBackup();
  const std::string request = backup_request(rendered(state).cluster);
  if (request.empty() || !is_bootstrapped(state)) return;
  if (job_for(state, request) != nullptr) return;  // it is followed
  manual_backup::note_request(state, request);
  manual_backup::decide(builder, "leave", say::backup_request_of_before(manual_backup::kAnnotation),
                        false);
}

void decide_manual_backup(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!state.manual_backup || rendered(state).cluster.spec.shutdown || follows_another(state))
    return;
  manual_backup::note_job(state);
  if (manual_backup::goes_on(state) || manual_backup::is_asked(state))
    decide_process(builder, kManualBackup);
  manual_backup::tell_end(builder);
}

}  // namespace annals::fsm
