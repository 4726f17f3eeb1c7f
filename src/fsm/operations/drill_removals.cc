#include "fsm/operations/drill_removals.h"

#include <algorithm>
#include <string>

#include "fsm/step/repository_query.h"
#include "fsm/text/say.h"
#include "fsm/view/repository_writers.h"
#include "manifests/pgbackrest/drill_job.h"

namespace annals::fsm::drill {
namespace {

// Only a restore reads the repository: what its checks have found is in the backup.
bool has_found_something(const ContainerEnd* end) {
  return end != nullptr && (end->exit_code == manifests::kDrillFoundDamage ||
                            end->exit_code == manifests::kDrillQueryFailed);
}

}  // namespace

Wait removals_known(ClusterState& state, const ContainerEnd* end) {
  if (has_found_something(end)) return {.satisfied = true};
  if (Wait wait = no_other_writer(state); !wait.satisfied) return wait;
  const std::string& repo = state.drill->repo;
  const RepositorySeen* seen = repository_seen(state, repo);
  if (seen != nullptr && newest_backup(state, repo) <= seen->backup) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::repository_to_be_read(repo, obstacle_to_repository(state, repo)),
          .remedy = say::repository_remedy()};
}

bool is_backup_removed(const ClusterState& state, const ContainerEnd* end) {
  if (has_found_something(end)) return false;
  const RepositorySeen* seen = repository_seen(state, state.drill->repo);
  if (seen == nullptr || seen->contents.code == kRepositoryUnreadable) return false;
  return std::ranges::none_of(seen->contents.backups,
                              [&](const BackupSet& set) { return set.label == state.drill->set; });
}

}  // namespace annals::fsm::drill
