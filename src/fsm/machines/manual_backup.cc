#include "fsm/machines/manual_backup.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/step/job_trouble.h"
#include "fsm/step/waits.h"
#include "fsm/view/backup_request.h"
#include "fsm/view/database.h"
#include "fsm/view/name_suffix.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "manifests/backup_jobs.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMachine = "manual-backup";
constexpr const char* kAnnotation = manifests::annotation::kPgBackRestBackup;
constexpr Awaited kBegun{kMachine, "manual-backup-begun", 10min};
constexpr Awaited kHasPod{kMachine, "manual-backup-has-pod", 5min};
constexpr Awaited kEnded{kMachine, "manual-backup-ended", 24h};

// Who wrote it, as far as that can be told: the annotation is among what changed last, or nothing
// has changed since the cluster was made.
std::string writer_of_request(const ClusterState& state) {
  if (state.changes.text.contains(kAnnotation)) return state.changes.actor;
  const Actor& maker = state.spec->actor;
  if (!state.changes.text.empty() || maker.manager.empty()) return {};
  return concat(maker.manager, " (", maker.operation, " at ", maker.time, ")");
}

bool has_ended(const ObjectObserved& job) {
  return job.fields.contains("complete") || job.fields.contains("failed");
}

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

std::string described(const ManualBackup& its) {
  return concat("asked for by the annotation ", kAnnotation, "=", its.id,
                its.writer.empty() ? "" : ", written by ", its.writer);
}

void decide(StepBuilder& builder, const char* transition, std::string reason, bool holds,
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
  state.manual_backup->mistake.clear();
  end_telling(state, "InvalidManualBackup");
  end_telling(state, "InvalidBackupRepo");
}

void note_job(ManualBackup& its, const ObjectObserved& job) {
  its.phase = ManualBackupPhase::kRunning;
  its.job = job.ref.name;
  if (job.fields.contains("repo")) its.repo = job_field(job, "repo");
  for (const char* name : {"startTime", "completionTime", "active", "succeeded", "failures"}) {
    const std::string value = job_field(job, name);
    if (value.empty()) {
      its.seen.erase(name);
    } else {
      its.seen[name] = value;
    }
  }
}

void succeed(StepBuilder& builder) {
  ManualBackup& its = *builder.state().manual_backup;
  its.phase = ManualBackupPhase::kSucceeded;
  decide(builder, "complete", concat("Job/", its.job, " is complete; ", described(its)), true);
}

void give_up(StepBuilder& builder, std::string why) {
  ManualBackup& its = *builder.state().manual_backup;
  its.phase = ManualBackupPhase::kFailed;
  its.failure = std::move(why);
  its.seen.erase("active");
  decide(builder, "failed", concat("Job/", its.job, " ", its.failure, "; ", described(its)), false);
}

// Kubernetes has tried it again itself, as often as a Job is. One request is answered once.
void follow_job(StepBuilder& builder) {
  ClusterState& state = builder.state();
  ManualBackup& its = *state.manual_backup;
  const ObjectObserved* job = job_for(state, its.id);
  if (job == nullptr)
    return give_up(builder,
                   "was removed before its end was seen: 'pgbackrest info' tells whether "
                   "it made a backup");
  note_job(its, *job);
  if (job->fields.contains("complete")) return succeed(builder);
  if (job->fields.contains("failed"))
    return give_up(builder, concat("has failed: ", job_field(*job, "failed")));
  const std::string waits_for = concat("Job/", its.job, ", the backup ", described(its));
  if (const std::string trouble = trouble_of_job(state, *job); !trouble.empty())
    return note_wait(builder, kHasPod,
                     {.over = false,
                      .waits_for = concat(waits_for, ": ", trouble),
                      .cure = concat("see the Events of 'kubectl describe job ", its.job, "'")});
  note_wait(builder, kEnded,
            {.over = false,
             .waits_for = waits_for,
             .cure = concat("see 'kubectl logs job/", its.job, "'")});
}

// Told as long as it is the last one; the same words are told once.
void tell_end(StepBuilder& builder) {
  const ManualBackup& its = *builder.state().manual_backup;
  if (its.phase == ManualBackupPhase::kSucceeded) {
    tell(builder, Tone::kNormal, "ManualBackupComplete",
         concat("Job/", its.job, " has backed up to ", its.repo, ", as asked for by ", its.id));
  } else if (its.phase == ManualBackupPhase::kFailed) {
    tell(builder, Tone::kWarning, "ManualBackupFailed",
         concat("Job/", its.job, " ", its.failure, "; see 'kubectl logs job/", its.job,
                "'; to ask again, give the annotation ", kAnnotation, " another value"));
  }
}

void accept(StepBuilder& builder, const std::string& request) {
  ClusterState& state = builder.state();
  if (state.manual_backup) forget_mistake(state);
  ManualBackup its;
  its.phase = ManualBackupPhase::kWaiting;
  its.id = request;
  its.writer = writer_of_request(state);
  state.manual_backup = std::move(its);
  decide(builder, "accept", described(*state.manual_backup), true);
}

void withdraw(StepBuilder& builder) {
  ClusterState& state = builder.state();
  decide(builder, "withdraw", "the request was taken back before its Job was begun", false);
  forget_mistake(state);
  state.manual_backup = ManualBackup();
}

// Jobs of earlier requests: one that runs is waited for, one that has ended makes room.
Wait make_room(StepBuilder& builder) {
  const ClusterState& state = builder.state();
  Wait wait{.over = true};
  const std::vector<const ObjectObserved*> jobs = jobs_of(state);
  for (const ObjectObserved* job : jobs) {
    const std::string request = job_field(*job, "request");
    if (request.empty() || request == state.manual_backup->id) continue;
    const std::string target = to_string(job->ref);
    wait = {.over = false,
            .waits_for = concat(target, " of an earlier request"),
            .cure = "none is needed"};
    if (!has_ended(*job) || is_pending(state, target) || is_waiting_to_retry(state, target))
      continue;
    decide(builder, "make-room", concat(target, " has ended, and another backup is asked for"),
           true,
           {DeleteObject{
               .ref = job->ref,
               .digest = job->uid,
               .guard = {.lost = "the log of a Job that has ended",
                         .other_copy = "none; the backup itself is in its repository",
                         .allowed_by = concat("the newer request ", state.manual_backup->id)}}});
  }
  return wait;
}

Wait wait_for_primary(const ClusterState& state) {
  if (primary(state) != nullptr) return {.over = true};
  return {.over = false, .waits_for = "a primary", .cure = "none is needed"};
}

void begin(StepBuilder& builder) {
  ClusterState& state = builder.state();
  ManualBackup& its = *state.manual_backup;
  const Rendered& all = rendered(state);
  const spec::ManualBackup& wish = *all.cluster.spec.backups->pgbackrest->manual;
  const ObjectRef ref = free_job_ref(state, its.id);
  const std::string target = to_string(ref);
  if (is_waiting_to_retry(state, target)) {
    return note_wait(builder, kBegun,
                     {.over = false,
                      .waits_for = concat(target, ": ", state.retries.at(target).error),
                      .cure = "none is needed"});
  }
  its.repo = wish.repo_name;
  its.job = ref.name;
  const manifests::BackupJob job{.name = ref.name,
                                 .purpose = manifests::BackupPurpose::kManual,
                                 .repo = wish.repo_name,
                                 .options = wish.options,
                                 .id = its.id};
  ApplyObject action{.ref = ref,
                     .digest = {},
                     .manifest = manifests::backup_job_manifest(all.cluster, all.world, job)};
  action.digest = sha256_hex(action.manifest);
  decide(builder, "begin", concat(target, " backs up to ", its.repo, "; ", described(its)), true,
         {std::move(action)});
}

void refuse(StepBuilder& builder, const RequestMistake& mistake) {
  ManualBackup& its = *builder.state().manual_backup;
  if (its.mistake != mistake.text) {
    forget_mistake(builder.state());
    its.mistake = mistake.text;
    decide(builder, "refuse", concat(mistake.text, "; ", described(its)), false);
  }
  tell(builder, Tone::kWarning, mistake.reason, concat(mistake.text, "; ", described(its)));
}

void go_on(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const RequestMistake mistake = mistake_in_request(rendered(state).cluster);
  if (!mistake.text.empty()) return refuse(builder, mistake);
  if (!state.manual_backup->mistake.empty()) forget_mistake(state);
  // The first backup says by itself what it waits for.
  if (state.phase != ProvisionPhase::kDone || state.backup.phase != BackupPhase::kDone) return;
  Wait wait = make_room(builder);
  if (wait.over) wait = wait_for_primary(state);
  if (wait.over) wait = wait_for_repository_host(state);
  if (!wait.over) return note_wait(builder, kBegun, wait);
  begin(builder);
}

// An apply that is on its way may become a Job: until its outcome nothing else is begun.
bool is_being_begun(const ClusterState& state) {
  const ManualBackup& its = *state.manual_backup;
  return its.phase == ManualBackupPhase::kWaiting && !its.job.empty() &&
         is_pending(state, to_string(job_ref(state, its.job)));
}

bool is_running(const ClusterState& state) {
  return state.manual_backup->phase == ManualBackupPhase::kRunning;
}

// True when the last request is over, however it ended, or has not begun.
bool settle_last(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const bool has_job = state.manual_backup->phase == ManualBackupPhase::kWaiting &&
                       job_for(state, state.manual_backup->id) != nullptr;
  if (has_job || is_running(state)) follow_job(builder);
  return !is_running(state) && !is_being_begun(state);
}

}  // namespace

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

void meet_backup_request(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (state.manual_backup || !rendered(state).mistakes.empty()) return;
  state.manual_backup = ManualBackup();
  const std::string request = backup_request(rendered(state).cluster);
  if (request.empty() || !is_bootstrapped(state)) return;
  accept(builder, request);
  if (job_for(state, request) != nullptr) return;  // it is followed
  state.manual_backup->phase = ManualBackupPhase::kAnswered;
  decide(builder, "leave",
         concat("the request was there before this journal began, and no Job of it is left; to ask "
                "for a backup now, give the annotation another value"),
         false);
}

void ask_manual_backup(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!state.manual_backup) return;
  if (rendered(state).cluster.spec.shutdown) return;
  if (!settle_last(builder)) return;
  const std::string request = backup_request(rendered(state).cluster);
  const bool waits = state.manual_backup->phase == ManualBackupPhase::kWaiting;
  if (request.empty()) {
    if (waits) withdraw(builder);
  } else if (request != state.manual_backup->id) {
    accept(builder, request);
  }
  if (state.manual_backup->phase == ManualBackupPhase::kWaiting) go_on(builder);
  tell_end(builder);
}

}  // namespace annals::fsm
