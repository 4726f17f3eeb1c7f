#include "fsm/machines/backup.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/concat.h"
#include "fsm/step/backup_job.h"
#include "fsm/step/engine.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/repository_stanzas.h"
#include "fsm/view/repository_writers.h"
#include "fsm/view/restore_progress.h"

namespace annals::fsm {
namespace backup {
namespace {

using namespace std::chrono_literals;

constexpr BackupJobKind kFirstBackup{.purpose = manifests::BackupPurpose::kReplicaCreate,
                                     .what = "first-backup",
                                     .infix = "-backup-",
                                     .event = "FirstBackupFailed"};

// ---- The repository that replicas are made from

std::string first_of_spec(ClusterState& state) {
  const RepositoryPlace& first = rendered(state).places.front();
  return concat(first.repo, " ", first.text);
}

// It has failed, or has not come for too long.
bool is_held_up(const ClusterState& state, const std::string& repo) {
  const auto its = state.backup.stanzas.find(repo);
  if (its != state.backup.stanzas.end() && its->second.last_failure) return true;
  const auto blocker = state.blockers.find(concat("stanza-", repo));
  return blocker != state.blockers.end() && blocker->second.deadline <= state.now;
}

// The first one of the spec; one that is held up makes way for the next. Empty while one of them
// may still come.
std::string best_repository(ClusterState& state) {
  for (const RepositoryPlace& place : rendered(state).places) {
    if (has_stanza(state, place.repo)) return place.repo;
    if (!is_held_up(state, place.repo)) return {};
  }
  return {};
}

void choose(StepBuilder& builder, const std::string& repo, const Message& reason) {
  ClusterState& state = builder.state();
  BackupProgress& its = state.backup;
  its.phase = BackupPhase::kFirstBackup;
  its.replica_repo = repo;
  its.first = first_of_spec(state);
  state.rendered.reset();
  builder.decide({.machine = "backup",
                  .transition = "choose-repository",
                  .reason = say::repository_chosen(repo, reason),
                  .inputs = {{.name = "repository", .value = repo, .holds = true}},
                  .intents = {}});
}

void choose_repository(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const std::string best = best_repository(state);
  if (best.empty()) return;
  const std::string first = rendered(state).places.front().repo;
  choose(builder, best, best == first ? Message() : say::first_repository_late(first));
}

// Without the one that was chosen the choice begins anew, and with another first one, once that
// can be chosen.
bool is_choice_outdated(ClusterState& state) {
  if (!has_stanza(state, state.backup.replica_repo)) return true;
  return state.backup.first != first_of_spec(state) &&
         has_stanza(state, rendered(state).places.front().repo);
}

void note_choice(ClusterState& state) {
  BackupProgress& its = state.backup;
  if (its.phase == BackupPhase::kStanza || its.replica_repo.empty()) return;
  if (!is_choice_outdated(state)) return;
  its.phase = BackupPhase::kStanza;
  its.replica_repo.clear();
  its.attempt = 0;
  its.retry_at.reset();
  its.last_failure.reset();
  state.rendered.reset();
}

// The next one in the spec's order that has a stanza, after the last one again the first.
std::string other_repository(ClusterState& state) {
  const std::vector<RepositoryPlace>& places = rendered(state).places;
  const auto chosen = std::ranges::find(places, state.backup.replica_repo, &RepositoryPlace::repo);
  const auto has_its_stanza = [&state](const RepositoryPlace& place) {
    return place.repo != state.backup.replica_repo && has_stanza(state, place.repo);
  };
  auto other = std::find_if(chosen, places.end(), has_its_stanza);
  if (other == places.end()) other = std::find_if(places.begin(), chosen, has_its_stanza);
  return other == places.end() || !has_its_stanza(*other) ? std::string() : other->repo;
}

// ---- The first backup

BackupTask task_of(ClusterState& state) {
  BackupProgress& its = state.backup;
  const std::string repo = replica_repository(state);
  const auto stanza = its.stanzas.find(repo);
  std::string subject = repo;
  if (stanza != its.stanzas.end()) subject += concat("/", stanza->second.place);
  if (!its.after.empty()) subject += concat("/after ", its.after);
  return {.kind = kFirstBackup,
          .machine = "backup",
          .repo = repo,
          .subject = std::move(subject),
          .its = {its.attempt, its.retry_at, its.last_failure},
          // Replicas wait for it: it does not wait for a checkpoint spread over minutes.
          .options = {"--start-fast"}};
}

// One Job at a time writes to the repositories, and no backup begins once a restore is about to.
Wait may_begin(const OperationView& view) {
  ClusterState& state = view.state;
  if (holds_up_backups(state)) return {.satisfied = false, .waits_for = say::restore_to_complete()};
  return no_other_writer(state, ref_of(state, task_of(state)).name);
}

Wait begun(const OperationView& view) {
  const BackupTask task = task_of(view.state);
  if (job_of(view.state, task) != nullptr) return {.satisfied = true};
  return wait_for_job(view.state, task);
}

Wait wait_for_primary(ClusterState& state) {
  if (is_bootstrapped(state) && primary(state) != nullptr) return {.satisfied = true};
  return {.satisfied = false, .waits_for = say::primary_awaited("")};
}

Wait begin_job(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const BackupTask task = task_of(state);
  if (Wait wait = wait_for_primary(state); !wait.satisfied) return wait;
  if (Wait wait = wait_for_host_of(state, task.repo); !wait.satisfied) return wait;
  if (Wait wait = may_begin(view); !wait.satisfied) return wait;
  start_job(builder, task);
  return begun(view);
}

// A Job whose pods are refused waits for a person, and not for an hour.
Wait has_pod(const OperationView& view) {
  const BackupTask task = task_of(view.state);
  if (!is_without_pod(view.state, task)) return {.satisfied = true};
  return wait_for_job(view.state, task);
}

Wait complete(const OperationView& view) {
  const BackupTask task = task_of(view.state);
  if (is_job_complete(view.state, task)) return {.satisfied = true};
  return wait_for_job(view.state, task);
}

// What has failed here is tried elsewhere, where there is such a place.
void try_elsewhere(StepBuilder& builder, const std::string& failed) {
  const std::string other = other_repository(builder.state());
  if (!other.empty()) choose(builder, other, say::first_backup_failed_in(failed));
}

Wait mend_job(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const BackupTask task = task_of(state);
  if (job_of(state, task) == nullptr) return begin_job(builder, view);
  const int attempt = task.its.attempt;
  follow_job(builder, task);
  if (state.backup.attempt > attempt) try_elsewhere(builder, task.repo);
  return wait_for_job(state, task_of(state));
}

bool is_passed(const ClusterState& state) { return state.backup.phase == BackupPhase::kDone; }

// An attempt has failed. From then on all further ones belong to the goal of a complete Job, whose
// deadline would otherwise begin anew with each of them.
bool is_begun_once(const ClusterState& state) {
  return is_passed(state) || state.backup.attempt > 0;
}

Wait may_begin_or_begun(const OperationView& view) {
  if (is_job_begun(view.state, task_of(view.state))) return {.satisfied = true};
  return may_begin(view);
}

Message note_complete(ClusterState& state) {
  const BackupTask task = task_of(state);
  Message reason = say::job_complete(to_string(ref_of(state, task)));
  // A repository that was there before has been read already, without this backup.
  if (state.backup.after.empty()) state.repositories.erase(task.repo);
  state.backup.phase = BackupPhase::kDone;
  reset(task.its);
  state.rendered.reset();
  return reason;
}

constexpr std::array kGoals{
    Goal{.name = "first-backup-may-begin",
         .limit = 24h,
         .check = may_begin_or_begun,
         .passed = is_begun_once},
    Goal{.name = "first-backup-begun",
         .limit = 5min,
         .check = begun,
         .advance = begin_job,
         .passed = is_begun_once},
    Goal{.name = "first-backup-has-pod", .limit = 5min, .check = has_pod, .passed = is_begun_once},
    Goal{.name = "first-backup-complete",
         .limit = 1h,
         .check = complete,
         .advance = mend_job,
         .passed = is_passed,
         .pass = note_complete}};

bool goes_on(ClusterState& state) {
  return state.phase == ProvisionPhase::kDone && !state.backup.repositories.empty() &&
         state.backup.phase == BackupPhase::kFirstBackup;
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
  ClusterState& state = builder.state();
  if (state.phase == ProvisionPhase::kDone && !state.backup.stanzas.empty()) {
    backup::note_choice(state);
    if (state.backup.phase == BackupPhase::kStanza) backup::choose_repository(builder);
  }
  decide_process(builder, kBackup);
}

}  // namespace annals::fsm
