#include "fsm/machines/repository_contents.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fsm/step/repository_errors.h"
#include "fsm/step/repository_query.h"
#include "fsm/text/say.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "fsm/view/standing_look.h"
#include "fsm/view/wal_gaps.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// A repository that cannot be reached, or backups that somebody removes there, are noticed by
// nothing else: between two looks, and while the last one has failed.
constexpr std::chrono::seconds kBetweenLooksAtRepositories = 10min;
constexpr std::chrono::seconds kBetweenFailedLooks = 1min;

constexpr const char* kMachine = "repository-contents";

std::chrono::seconds pause_after(const RepositorySeen& seen) {
  const bool has_failed = seen.contents.code == kRepositoryUnreadable;
  return has_failed ? kBetweenFailedLooks : kBetweenLooksAtRepositories;
}

// Why what was read last is not enough; empty where it is.
Message reason_to_read(ClusterState& state, const std::string& repo) {
  const RepositorySeen* seen = repository_seen(state, repo);
  if (seen == nullptr) return say::repository_not_read_yet();
  if (const std::string newest = newest_backup(state, repo); newest > seen->backup)
    return say::backup_was_complete(newest);
  if (state.backup.after != seen->restored)
    return say::first_backup_after_restore(state.backup.after);
  if (state.removal && state.removal->phase == RemovalPhase::kSucceeded &&
      state.removal->repo == repo && seen->at < state.removal->ended)
    return say::backup_was_removed(state.removal->set);
  const std::string request = contents_request(state);
  if (request.empty() || request == seen->request) return {};
  return say::contents_requested(manifests::annotation::kPgBackRestInfo, request);
}

// WAL that is on its way has come by then, or it is missing: that is news either way.
void look_at_gaps(StepBuilder& builder, const std::string& repo, Timestamp due) {
  if (due > builder.state().now) return requeue_at(builder.state(), due);
  ask_repository(builder, kMachine, repo, say::wal_on_its_way());
}

// From then on the look stands.
void look_again(StepBuilder& builder, const std::string& repo) {
  ClusterState& state = builder.state();
  const RepositorySeen& seen = *repository_seen(state, repo);
  if (const std::optional<Timestamp> due = next_gap_counts(seen))
    return look_at_gaps(builder, repo, *due);
  if (is_looked_at(state, repo)) return;
  const Timestamp next = seen.at + pause_after(seen);
  if (next > state.now) return requeue_at(state, next);
  ask_repository(builder, kMachine, repo, say::repository_looked_at_again(),
                 pause_after(seen).count());
}

// A repository that has gone from the spec, and one that a restore is about to use.
void end_looks(ClusterState& state, const std::vector<std::string>& but) {
  std::erase_if(state.pending, [&](const auto& entry) {
    const auto* look = std::get_if<ReadRepository>(&entry.second);
    return look != nullptr && is_standing(entry.second) &&
           std::ranges::find(but, look->repo) == but.end();
  });
}

}  // namespace

void decide_repository_contents(StepBuilder& builder) {
  ClusterState& state = builder.state();
  note_failed_jobs(state);
  if (state.backup.phase != BackupPhase::kDone || is_restoring(state)) return end_looks(state, {});
  std::vector<std::string> names;
  for (const spec::Repository& repo : spec::repositories(rendered(state).cluster))
    names.push_back(repo.name);
  end_looks(state, names);
  for (const std::string& repo : names) {
    const Message reason = reason_to_read(state, repo);
    if (reason.empty()) {
      look_again(builder, repo);
    } else {
      ask_repository(builder, kMachine, repo, reason);
    }
  }
}

}  // namespace annals::fsm
