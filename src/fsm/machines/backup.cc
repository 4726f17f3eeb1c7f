#include "fsm/machines/backup.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/job_trouble.h"
#include "fsm/step/waits.h"
#include "fsm/view/database.h"
#include "fsm/view/name_suffix.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "manifests/backup_jobs.h"
#include "manifests/names.h"
#include "manifests/pgbackrest_config.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr Awaited kJobHasPod{"backup", "backup-job-has-pod", 5min};
constexpr auto kFirstPause = 10s;  // after a Job that failed: its log can be read meanwhile
constexpr auto kLastPause = 10min;

struct Phase {
  BackupPhase from;
  BackupPhase to;
  manifests::BackupPurpose purpose;
  const char* what;   // for people
  const char* infix;  // of the Job's name
  Awaited awaited;
};

constexpr std::array kPhases{Phase{.from = BackupPhase::kStanza,
                                   .to = BackupPhase::kFirstBackup,
                                   .purpose = manifests::BackupPurpose::kStanza,
                                   .what = "stanza",
                                   .infix = "-stanza-",
                                   .awaited = {"backup", "stanza-created", 5min}},
                             Phase{.from = BackupPhase::kFirstBackup,
                                   .to = BackupPhase::kDone,
                                   .purpose = manifests::BackupPurpose::kReplicaCreate,
                                   .what = "first-backup",
                                   .infix = "-backup-",
                                   .awaited = {"backup", "first-backup-complete", 1h}}};

// The primary's archive and the stanza belong to one database: it must be there first.
Wait wait_for_database(ClusterState& state) {
  if (is_bootstrapped(state) && primary(state) != nullptr) return {.over = true};
  return {.over = false, .waits_for = "a primary", .cure = "none is needed"};
}

ObjectRef job_ref(const ClusterState& state, const Phase& phase) {
  const std::string purpose = concat(phase.what, "/", state.backup.repositories);
  return {.api_version = "batch/v1",
          .kind = "Job",
          .name_space = state.spec->name_space,
          .name = concat(state.spec->name, phase.infix,
                         name_suffix(state.uid, purpose, state.backup.attempt))};
}

bool has(const ObjectObserved& job, const char* condition) {
  return job.fields.contains(condition);
}

void start_job(StepBuilder& builder, const Phase& phase, const ObjectRef& ref) {
  ClusterState& state = builder.state();
  const std::string target = to_string(ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  const Rendered& all = rendered(state);
  const manifests::BackupJob job{
      .name = ref.name,
      .purpose = phase.purpose,
      .repo = spec::repositories(all.cluster).front().name,
      // Replicas wait for the first backup: it does not wait for a checkpoint spread over minutes.
      .options = phase.purpose == manifests::BackupPurpose::kReplicaCreate
                     ? std::vector<std::string>{"--start-fast"}
                     : std::vector<std::string>{},
      .id = {},
  };
  ApplyObject action{.ref = ref,
                     .digest = {},
                     .manifest = manifests::backup_job_manifest(all.cluster, all.world, job)};
  action.digest = sha256_hex(action.manifest);
  builder.decide(
      {.machine = "backup",
       .transition = concat("start-", phase.what),
       .reason = concat(to_string(ref), " makes the ", phase.what, " of ", job.repo,
                        state.backup.attempt == 0 ? std::string()
                                                  : concat(", attempt ", state.backup.attempt + 1)),
       .inputs = {{.name = "primary-is-ready",
                   .value = primary(state) ? primary(state)->name : "",
                   .holds = primary(state) != nullptr}},
       .intents = {}},
      {std::move(action)});
}

// The failed Job stays for a while, for a person to read its log; then another one is tried.
void handle_failure(StepBuilder& builder, const Phase& phase, const ObjectObserved& job) {
  ClusterState& state = builder.state();
  const std::string target = to_string(job.ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  BackupProgress& its = state.backup;
  if (!its.retry_at) {
    const Duration pause = kFirstPause * (1 << std::min(its.attempt, 6));
    its.retry_at = state.now + std::min<Duration>(pause, kLastPause);
  }
  if (*its.retry_at > state.now) return;
  its.retry_at.reset();
  its.attempt += 1;
  builder.decide({.machine = "backup",
                  .transition = concat("retry-", phase.what),
                  .reason = concat(target, " has failed; it makes room for another attempt"),
                  .inputs = {{.name = "job-failed", .value = target, .holds = true}},
                  .intents = {}},
                 {DeleteObject{.ref = job.ref,
                               .digest = job.uid,
                               .guard = {.lost = "the log of a Job that has failed",
                                         .other_copy = "none",
                                         .allowed_by = "the rule that one attempt is kept"}}});
}

Wait wait_for_job(const ClusterState& state, const ObjectRef& ref) {
  const int failed = state.backup.attempt + (state.backup.retry_at ? 1 : 0);
  Wait wait{.over = false, .waits_for = to_string(ref), .cure = "none is needed"};
  if (failed > 0) {
    wait.waits_for += concat(" after ", failed, " that failed");
    wait.cure = concat("see 'kubectl logs ", "job/", ref.name, "'");
  }
  return wait;
}

void advance(StepBuilder& builder, const Phase& phase, const ObjectRef& job) {
  ClusterState& state = builder.state();
  builder.decide({.machine = "backup",
                  .transition = phase.awaited.transition,
                  .reason = to_string(job) + " is complete",
                  .inputs = {{.name = "job-complete", .value = to_string(job), .holds = true}},
                  .intents = {}});
  state.backup.phase = phase.to;
  state.backup.attempt = 0;
  state.backup.retry_at.reset();
  state.rendered.reset();
}

// A Job whose pods are refused waits for a person, and not for an hour.
void tell_of_job(StepBuilder& builder, const Phase& phase, const ObjectRef& ref) {
  ClusterState& state = builder.state();
  Wait wait = wait_for_job(state, ref);
  const auto job = state.objects.find(ref);
  const std::string trouble =
      job == state.objects.end() ? std::string() : trouble_of_job(state, job->second);
  if (trouble.empty()) return note_wait(builder, phase.awaited, wait);
  wait.waits_for += ": " + trouble;
  wait.cure = concat("see the Events of 'kubectl describe job ", ref.name, "'");
  note_wait(builder, kJobHasPod, wait);
}

// True when the phase is over.
bool run_phase(StepBuilder& builder, const Phase& phase) {
  ClusterState& state = builder.state();
  const ObjectRef ref = job_ref(state, phase);
  const auto job = state.objects.find(ref);
  if (job != state.objects.end() && has(job->second, "complete")) {
    advance(builder, phase, ref);
    return true;
  }
  if (job != state.objects.end() && has(job->second, "failed")) {
    const ObjectObserved failed = job->second;
    handle_failure(builder, phase, failed);
  } else if (job == state.objects.end()) {
    for (const auto& ask : {wait_for_database, wait_for_repository_host}) {
      const Wait wait = ask(state);
      if (wait.over) continue;
      note_wait(builder, phase.awaited, wait);
      return false;
    }
    start_job(builder, phase, ref);
  }
  tell_of_job(builder, phase, ref);
  return false;
}

}  // namespace

std::string to_string(BackupPhase phase) {
  switch (phase) {
    case BackupPhase::kStanza:
      return "Stanza";
    case BackupPhase::kFirstBackup:
      return "FirstBackup";
    case BackupPhase::kDone:
      return "Done";
  }
  return "Unknown";
}

void ask_backup(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (state.phase != ProvisionPhase::kDone) return;
  const std::string repositories = rendered(state).repositories;
  if (state.backup.repositories != repositories) {
    state.backup = {.repositories = repositories};
    state.rendered.reset();
  }
  if (repositories.empty()) return;
  for (const Phase& phase : kPhases) {
    if (state.backup.phase == phase.from && !run_phase(builder, phase)) return;
  }
}

}  // namespace annals::fsm
