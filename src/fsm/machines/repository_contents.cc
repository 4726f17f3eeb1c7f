#include "fsm/machines/repository_contents.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "fsm/step/repository_errors.h"
#include "fsm/step/repository_query.h"
#include "fsm/text/say.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "fsm/view/wal_gaps.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// A repository that cannot be reached, or backups that somebody removes there, are noticed by
// nothing else: between two looks, and while the last one has failed.
constexpr auto kBetweenLooksAtRepositories = 10min;
constexpr auto kBetweenFailedLooks = 1min;

Timestamp next_look(const RepositorySeen& seen) {
  const bool has_failed = seen.contents.code == kRepositoryUnreadable;
  const Timestamp next = seen.at + (has_failed ? Duration(kBetweenFailedLooks)
                                               : Duration(kBetweenLooksAtRepositories));
  return std::min(next, next_gap_counts(seen).value_or(next));
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

Message reason_to_look_again(ClusterState& state, const std::string& repo) {
  const RepositorySeen& seen = *repository_seen(state, repo);
  const Timestamp next = next_look(seen);
  if (next <= state.now || joins_other_looks(state, seen.at))
    return say::repository_looked_at_again();
  requeue_at(state, next);
  return {};
}

}  // namespace

void decide_repository_contents(StepBuilder& builder) {
  ClusterState& state = builder.state();
  note_failed_jobs(state);
  if (state.backup.phase != BackupPhase::kDone || is_restoring(state)) return;
  std::vector<std::string> names;
  for (const spec::Repository& repo : spec::repositories(rendered(state).cluster))
    names.push_back(repo.name);
  for (const std::string& repo : names) {
    Message reason = reason_to_read(state, repo);
    if (reason.empty()) reason = reason_to_look_again(state, repo);
    if (!reason.empty()) ask_repository(builder, "repository-contents", repo, reason);
  }
}

}  // namespace annals::fsm
