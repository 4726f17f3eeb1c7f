#include "fsm/machines/wal_backup.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "fsm/step/backup_job.h"
#include "fsm/step/events.h"
#include "fsm/step/repository_conditions.h"
#include "fsm/step/repository_query.h"
#include "fsm/step/waits.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_sets.h"
#include "fsm/view/database.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/repository_stanzas.h"
#include "fsm/view/repository_writers.h"
#include "fsm/view/restore_progress.h"
#include "fsm/view/wal_gaps.h"

namespace annals::fsm {
namespace wal_backup {
namespace {

using namespace std::chrono_literals;

constexpr auto kUntilBegun = 5min;
constexpr auto kUntilEnded = 24h;  // also of others that write to the repository

constexpr BackupJobKind kAfterGap{.purpose = manifests::BackupPurpose::kMissingWal,
                                  .what = "backup-for-missing-wal",
                                  .infix = "-backup-",
                                  .event = "BackupForMissingWALFailed"};

// As waits are known by.
constexpr std::array kMachines{"wal-backup-repo1", "wal-backup-repo2", "wal-backup-repo3",
                               "wal-backup-repo4"};

const char* machine_of(const std::string& repo) {
  const auto found = std::ranges::find_if(
      kMachines, [&](std::string_view machine) { return machine.ends_with(repo); });
  return found == kMachines.end() ? kMachines.front() : *found;
}

std::string last_if_other(const GapBackup& its) {
  return its.last == its.first ? std::string() : its.last;
}

void decide(StepBuilder& builder, const std::string& repo, const char* transition,
            const Message& reason) {
  const GapBackup& its = builder.state().gap_backups.at(repo);
  builder.decide({.machine = machine_of(repo),
                  .transition = transition,
                  .reason = reason,
                  .inputs = {{.name = "first-missing-segment", .value = its.first, .holds = true},
                             {.name = "last-missing-segment", .value = its.last, .holds = true}},
                  .intents = {}});
}

// Each attempt has a name of its own, and so has each gap.
BackupTask task_of(ClusterState& state, const std::string& repo) {
  GapBackup& its = state.gap_backups.at(repo);
  return {.kind = kAfterGap,
          .machine = machine_of(repo),
          .repo = repo,
          .subject = concat(repo, "/", its.last),
          .its = {its.attempt, its.retry_at, its.last_failure},
          .options = {concat("--type=", its.type), "--start-fast"}};
}

// A backup needs only the WAL that is written while it is made: pgBackRest compares files, and not
// what happened to them. So an incremental one does; it is the fastest, and lets no full one
// expire. It shares files with the one before, though, which must not be damaged.
std::string type_of_backup(const ClusterState& state, const RepositorySeen& seen) {
  const RepositoryDatabase* own =
      own_database(seen.contents, {.system_id = system_identifier(state)});
  if (own == nullptr) return "full";
  const Sets sets = sets_of(seen.contents, *own);
  return sets.empty() || sets.back()->faulty ? "full" : "incr";
}

// What was read is not older than the last backup: that may have made all well.
const RepositorySeen* up_to_date(const ClusterState& state, const std::string& repo) {
  const RepositorySeen* seen = repository_seen(state, repo);
  return seen == nullptr || newest_backup(state, repo) > seen->backup ? nullptr : seen;
}

// A gap behind the one that a backup is made for, or was, is another one.
void note_gap(StepBuilder& builder, const std::string& repo) {
  ClusterState& state = builder.state();
  const RepositorySeen* seen = up_to_date(state, repo);
  if (seen == nullptr) return;
  const OpenGaps open = open_gaps(*seen);
  const auto known = state.gap_backups.find(repo);
  if (open.last == nullptr) return;
  if (known != state.gap_backups.end()) {
    if (known->second.last == open.last->last) return;
    if (!known->second.is_over && is_job_begun(state, task_of(state, repo))) return;
  }
  GapBackup its{
      .first = open.first->first, .last = open.last->last, .type = type_of_backup(state, *seen)};
  const Message why = say::gap_backup_wanted(lack_of_wal(repo, *open.first), its.type);
  state.gap_backups[repo] = std::move(its);
  decide(builder, repo, "begin", why);
  report_event_once(builder, EventType::kWarning, "BackupForMissingWAL", why);
}

void end_backup(StepBuilder& builder, const std::string& repo, const char* transition,
                const Message& why) {
  decide(builder, repo, transition, why);
  GapBackup& its = builder.state().gap_backups.at(repo);
  its.is_over = true;
  reset({its.attempt, its.retry_at, its.last_failure});
}

struct Obstacle {
  const char* transition;
  Duration limit;
  Wait wait;
};

// One whose Job has gone may have been made: the repository tells.
Wait wait_for_reading(StepBuilder& builder, const BackupTask& task) {
  ClusterState& state = builder.state();
  const RepositorySeen* seen = up_to_date(state, task.repo);
  const GapBackup& its = state.gap_backups.at(task.repo);
  if (seen != nullptr && (its.begun == Timestamp() || seen->at > its.begun))
    return {.satisfied = true};
  ask_repository(builder, task.machine, task.repo, say::gap_backup_begins_again(its.last));
  return {
      .satisfied = false,
      .waits_for = say::gap_backup_to_be_read(task.repo, obstacle_to_repository(state, task.repo))};
}

Obstacle begin(StepBuilder& builder, const BackupTask& task) {
  ClusterState& state = builder.state();
  if (is_job_begun(state, task)) return {"begun", kUntilBegun, wait_for_job(state, task)};
  if (!is_bootstrapped(state) || primary(state) == nullptr)
    return {"begun", kUntilBegun, {.satisfied = false, .waits_for = say::primary_awaited("")}};
  if (Wait wait = wait_for_host_of(state, task.repo); !wait.satisfied)
    return {"begun", kUntilBegun, std::move(wait)};
  if (holds_up_backups(state))
    return {
        "may-begin", kUntilEnded, {.satisfied = false, .waits_for = say::restore_to_complete()}};
  if (Wait wait = no_other_writer(state, ref_of(state, task).name); !wait.satisfied)
    return {"may-begin", kUntilEnded, std::move(wait)};
  if (Wait wait = wait_for_reading(builder, task); !wait.satisfied)
    return {"may-begin", kUntilEnded, std::move(wait)};
  start_job(builder, task);
  if (is_job_begun(state, task)) state.gap_backups.at(task.repo).begun = state.now;
  return {"begun", kUntilBegun, wait_for_job(state, task)};
}

Obstacle go_on(StepBuilder& builder, const BackupTask& task) {
  ClusterState& state = builder.state();
  if (job_of(state, task) == nullptr) return begin(builder, task);
  follow_job(builder, task);
  const bool is_refused = task.its.attempt == 0 && is_without_pod(state, task);
  return {is_refused ? "has-pod" : "complete", is_refused ? Duration(kUntilBegun) : kUntilEnded,
          wait_for_job(state, task)};
}

// Another backup that begins later, whoever makes it, is as good.
bool is_needed(const ClusterState& state, const std::string& repo) {
  const RepositorySeen* seen = up_to_date(state, repo);
  return seen == nullptr || seen->contents.code == kRepositoryUnreadable ||
         open_gaps(*seen).last != nullptr;
}

void pursue_backup(StepBuilder& builder, const std::string& repo) {
  ClusterState& state = builder.state();
  note_gap(builder, repo);
  const auto known = state.gap_backups.find(repo);
  if (known == state.gap_backups.end() || known->second.is_over) return;
  const BackupTask task = task_of(state, repo);
  const GapBackup& its = known->second;
  if (is_job_complete(state, task))
    return end_backup(builder, repo, "complete",
                      say::gap_backup_made(repo, its.first, last_if_other(its)));
  const bool has_failed = its.retry_at.has_value();
  if ((has_failed || !is_job_begun(state, task)) && !is_needed(state, repo))
    return end_backup(builder, repo, "abandon",
                      say::gap_backup_not_needed(repo, its.first, last_if_other(its)));
  const Obstacle obstacle = go_on(builder, task);
  note_wait(builder, {task.machine, obstacle.transition, obstacle.limit}, obstacle.wait);
}

}  // namespace
}  // namespace wal_backup

void decide_wal_backup(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (state.phase != ProvisionPhase::kDone || state.backup.phase != BackupPhase::kDone) return;
  const bool lacks_wal = std::ranges::any_of(
      state.repositories, [](const auto& each) { return !each.second.gaps.empty(); });
  if (!lacks_wal && state.gap_backups.empty()) return;
  const std::vector<RepositoryPlace> places = rendered(state).places;
  std::erase_if(state.gap_backups, [&places](const auto& each) {
    return std::ranges::find(places, each.first, &RepositoryPlace::repo) == places.end();
  });
  for (const RepositoryPlace& place : places) {
    if (has_stanza(state, place.repo)) wal_backup::pursue_backup(builder, place.repo);
  }
}

}  // namespace annals::fsm
