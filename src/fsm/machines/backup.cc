#include "fsm/machines/backup.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/engine.h"
#include "fsm/step/events.h"
#include "fsm/step/job_trouble.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/name_suffix.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/repository_writers.h"
#include "fsm/view/restore_progress.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/backup_jobs.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm {
namespace backup {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstPause = 10s;  // after a Job that failed: its log can be read meanwhile
constexpr auto kLastPause = 10min;

// A Job that has to end well; there are two, in this order.
struct JobKind {
  BackupPhase phase;  // that it is of
  BackupPhase next;
  manifests::BackupPurpose purpose;
  const char* what;   // for people
  const char* infix;  // of the Job's name
  const char* event;  // that tells of one that failed
};

constexpr JobKind kStanza{.phase = BackupPhase::kStanza,
                          .next = BackupPhase::kFirstBackup,
                          .purpose = manifests::BackupPurpose::kStanza,
                          .what = "stanza",
                          .infix = "-stanza-",
                          .event = "StanzaFailed"};
constexpr JobKind kFirstBackup{.phase = BackupPhase::kFirstBackup,
                               .next = BackupPhase::kDone,
                               .purpose = manifests::BackupPurpose::kReplicaCreate,
                               .what = "first-backup",
                               .infix = "-backup-",
                               .event = "FirstBackupFailed"};

// The primary's archive and the stanza belong to one database: it must be there first.
Wait wait_for_database(ClusterState& state) {
  if (is_bootstrapped(state) && primary(state) != nullptr) return {.satisfied = true};
  return {.satisfied = false, .waits_for = say::primary_awaited("")};
}

ObjectRef job_ref(const ClusterState& state, const JobKind& kind) {
  std::string purpose = concat(kind.what, "/", state.backup.repositories);
  if (!state.backup.after.empty()) purpose += concat("/after ", state.backup.after);
  return {.api_version = "batch/v1",
          .kind = "Job",
          .name_space = state.spec->name_space,
          .name = concat(state.spec->name, kind.infix,
                         name_suffix(state.uid, purpose, state.backup.attempt))};
}

// Replicas are made from the first repository. A stanza is made in all of them at once, by the
// repository host where there is one, since it alone reaches those on volumes.
const spec::Repository& repository_of(ClusterState& state, const JobKind& kind) {
  const std::vector<spec::Repository>& repos = spec::repositories(rendered(state).cluster);
  if (kind.purpose != manifests::BackupPurpose::kStanza) return repos.front();
  const auto on_volume = std::ranges::find_if(
      repos, [](const spec::Repository& repo) { return repo.volume.has_value(); });
  return on_volume == repos.end() ? repos.front() : *on_volume;
}

void start_job(StepBuilder& builder, const JobKind& kind, const ObjectRef& ref) {
  ClusterState& state = builder.state();
  const std::string target = to_string(ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  const Rendered& all = rendered(state);
  const manifests::BackupJob job{
      .name = ref.name,
      .purpose = kind.purpose,
      .repo = repository_of(state, kind).name,
      // Replicas wait for the first backup: it does not wait for a checkpoint spread over minutes.
      .options = kind.purpose == manifests::BackupPurpose::kReplicaCreate
                     ? std::vector<std::string>{"--start-fast"}
                     : std::vector<std::string>{},
      .id = {},
  };
  ApplyObject action{.ref = ref,
                     .digest = {},
                     .manifest = manifests::backup_job_manifest(all.cluster, all.world, job)};
  action.digest = sha256_hex(action.manifest);
  builder.decide({.machine = "backup",
                  .transition = concat("start-", kind.what),
                  .reason = say::starting_backup_job(
                      target, kind.what, job.repo,
                      state.backup.attempt == 0 ? std::string() : concat(state.backup.attempt + 1)),
                  .inputs = {{.name = "primary-is-ready",
                              .value = primary(state) ? primary(state)->name : "",
                              .holds = primary(state) != nullptr}},
                  .intents = {}},
                 {std::move(action)});
}

// The failed Job stays for a while, for a person to read its log; then another one is tried.
void handle_failure(StepBuilder& builder, const JobKind& kind, const ObjectObserved& job) {
  ClusterState& state = builder.state();
  const std::string target = to_string(job.ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  BackupProgress& its = state.backup;
  if (!its.retry_at) {
    const Duration pause = kFirstPause * (1 << std::min(its.attempt, 6));
    its.retry_at = state.now + std::min<Duration>(pause, kLastPause);
    report_event_once(builder, EventType::kWarning, kind.event,
                      say::backup_job_failed(target, kind.what, *job.fields.job->failed,
                                             job.ref.name, *its.retry_at));
  }
  if (*its.retry_at > state.now) return;
  its.retry_at.reset();
  its.attempt += 1;
  builder.decide({.machine = "backup",
                  .transition = concat("retry-", kind.what),
                  .reason = say::failed_job_to_retry(target),
                  .inputs = {{.name = "job-failed", .value = target, .holds = true}},
                  .intents = {}},
                 {DeleteObject{.ref = job.ref,
                               .digest = job.uid,
                               .guard = {.lost = say::log_of_failed_job(),
                                         .other_copy = say::no_other_copy(),
                                         .allowed_by = say::rule_of_one_attempt()}}});
}

// Empty while no attempt has failed.
std::string failed_attempts(const ClusterState& state) {
  const int failed = state.backup.attempt + (state.backup.retry_at ? 1 : 0);
  return failed == 0 ? std::string() : concat(failed);
}

const ObjectObserved* known_job(const ClusterState& state, const JobKind& kind) {
  const auto job = state.objects.find(job_ref(state, kind));
  return job == state.objects.end() ? nullptr : &job->second;
}

// One Job at a time writes to the repositories, and no backup begins once a restore is about to. A
// stanza does: the restore waits until WAL is archived, for which each repository needs its own.
Wait may_begin_job(const ClusterState& state, const JobKind& kind) {
  if (kind.phase != BackupPhase::kStanza && holds_up_backups(state))
    return {.satisfied = false, .waits_for = say::restore_to_complete()};
  return no_other_writer(state, job_ref(state, kind).name);
}

bool is_job_begun(const ClusterState& state, const JobKind& kind) {
  return known_job(state, kind) != nullptr || is_pending(state, to_string(job_ref(state, kind)));
}

// A Job that is not there has no log, and one whose pods are refused has none either.
Wait wait_for_job(ClusterState& state, const JobKind& kind) {
  const ObjectRef ref = job_ref(state, kind);
  const std::string failed = failed_attempts(state);
  const ObjectObserved* job = known_job(state, kind);
  Message trouble = job == nullptr ? Message() : trouble_of_job(state, *job);
  Message remedy;
  if (!trouble.empty()) {
    remedy = say::describe_job(ref.name);
  } else if (job != nullptr && !failed.empty()) {
    remedy = say::job_logs(ref.name);
  }
  return {.satisfied = false,
          .waits_for = say::job_to_complete(to_string(ref), failed, std::move(trouble)),
          .remedy = std::move(remedy)};
}

Wait job_begun(ClusterState& state, const JobKind& kind) {
  if (known_job(state, kind) != nullptr) return {.satisfied = true};
  return wait_for_job(state, kind);
}

Wait begin_job(StepBuilder& builder, const JobKind& kind) {
  ClusterState& state = builder.state();
  if (Wait wait = wait_for_database(state); !wait.satisfied) return wait;
  const std::string repo = repository_of(state, kind).name;
  if (Wait wait = wait_for_host_of(state, repo); !wait.satisfied) return wait;
  if (Wait wait = may_begin_job(state, kind); !wait.satisfied) return wait;
  start_job(builder, kind, job_ref(state, kind));
  return job_begun(state, kind);
}

// A Job whose pods are refused waits for a person, and not for an hour.
Wait job_has_pod(ClusterState& state, const JobKind& kind) {
  if (trouble_of_job(state, *known_job(state, kind)).empty()) return {.satisfied = true};
  return wait_for_job(state, kind);
}

Wait job_complete(ClusterState& state, const JobKind& kind) {
  const ObjectObserved* job = known_job(state, kind);
  if (job != nullptr && job->fields.job->complete) return {.satisfied = true};
  return wait_for_job(state, kind);
}

Wait mend_job(StepBuilder& builder, const JobKind& kind) {
  ClusterState& state = builder.state();
  const ObjectObserved* known = known_job(state, kind);
  if (known == nullptr) return begin_job(builder, kind);
  const ObjectObserved job = *known;
  if (job.fields.job->failed) handle_failure(builder, kind, job);
  return wait_for_job(state, kind);
}

// An attempt has failed. From then on all further ones belong to the goal of a complete Job, whose
// deadline would otherwise begin anew with each of them.
bool has_failed_before(const ClusterState& state, const JobKind& kind) {
  return state.backup.phase == kind.phase && state.backup.attempt > 0;
}

Message note_complete(ClusterState& state, const JobKind& kind) {
  Message reason = say::job_complete(to_string(job_ref(state, kind)));
  // A repository that was there before has been read already, without this backup.
  if (kind.next == BackupPhase::kDone && state.backup.after.empty())
    state.repositories.erase(repository_of(state, kind).name);
  state.backup.phase = kind.next;
  state.backup.attempt = 0;
  state.backup.retry_at.reset();
  state.rendered.reset();
  return reason;
}

// As a table's columns want them.
template <const JobKind& kJob>
struct Its {
  static bool passed(const ClusterState& state) { return state.backup.phase > kJob.phase; }
  static bool begun_once(const ClusterState& state) {
    return passed(state) || has_failed_before(state, kJob);
  }
  static bool begun_or_passed(const ClusterState& state) {
    return begun_once(state) || is_job_begun(state, kJob);
  }
  static Wait may_begin(const OperationView& view) { return may_begin_job(view.state, kJob); }
  static Wait begun(const OperationView& view) { return job_begun(view.state, kJob); }
  static Wait begin(StepBuilder& builder, const OperationView& /*view*/) {
    return begin_job(builder, kJob);
  }
  static Wait has_pod(const OperationView& view) { return job_has_pod(view.state, kJob); }
  static Wait complete(const OperationView& view) { return job_complete(view.state, kJob); }
  static Wait mend(StepBuilder& builder, const OperationView& /*view*/) {
    return mend_job(builder, kJob);
  }
  static Message pass(ClusterState& state) { return note_complete(state, kJob); }
};

template <const JobKind& kJob>
constexpr Goal of_first_attempt(Goal goal) {
  goal.passed = Its<kJob>::begun_once;
  return goal;
}

// Of what is asked only before a Job of the first attempt is on its way.
template <const JobKind& kJob>
constexpr Goal before_job_of(Goal goal) {
  goal.passed = Its<kJob>::begun_or_passed;
  return goal;
}

using Stanza = Its<kStanza>;
using First = Its<kFirstBackup>;
constexpr Goal kStanzaCreated{.name = "stanza-created",
                              .limit = 5min,
                              .check = Stanza::complete,
                              .advance = Stanza::mend,
                              .passed = Stanza::passed,
                              .pass = Stanza::pass};
constexpr Goal kFirstBackupComplete{.name = "first-backup-complete",
                                    .limit = 1h,
                                    .check = First::complete,
                                    .advance = First::mend,
                                    .passed = First::passed,
                                    .pass = First::pass};
constexpr std::array kGoals{
    before_job_of<kStanza>({"stanza-may-begin", 24h, Stanza::may_begin}),
    of_first_attempt<kStanza>({"stanza-begun", 5min, Stanza::begun, Stanza::begin}),
    of_first_attempt<kStanza>({"stanza-has-pod", 5min, Stanza::has_pod}),
    kStanzaCreated,
    before_job_of<kFirstBackup>({"first-backup-may-begin", 24h, First::may_begin}),
    of_first_attempt<kFirstBackup>({"first-backup-begun", 5min, First::begun, First::begin}),
    of_first_attempt<kFirstBackup>({"first-backup-has-pod", 5min, First::has_pod}),
    kFirstBackupComplete};

bool goes_on(ClusterState& state) {
  return state.phase == ProvisionPhase::kDone && !state.backup.repositories.empty() &&
         state.backup.phase != BackupPhase::kDone;
}

// Other repositories begin anew.
void note_repositories(ClusterState& state) {
  if (state.phase != ProvisionPhase::kDone) return;
  const std::string& repositories = rendered(state).repositories;
  if (state.backup.repositories == repositories) return;
  state.backup = {.repositories = repositories};
  state.rendered.reset();
}

}  // namespace
}  // namespace backup

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

const OperationKind kBackup{.name = "backup", .goals = backup::kGoals, .goes_on = backup::goes_on};

void decide_backup(StepBuilder& builder) {
  backup::note_repositories(builder.state());
  decide_process(builder, kBackup);
}

}  // namespace annals::fsm
