#include "fsm/view/repository_figures.h"

#include <algorithm>

#include "fsm/view/backup_sets.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/repository_growth.h"

namespace annals::fsm {
namespace {

void take_backups(RepositoryFigures& figures, const ClusterState& state,
                  const RepositoryContents& contents) {
  const RepositoryDatabase* own = own_database(contents, {.system_id = system_identifier(state)});
  if (own == nullptr) return;
  for (const BackupSet* set : without_faults(sets_of(contents, *own))) {
    figures.last_backup.back() = std::max(figures.last_backup.back(), set->stop);
    const auto type = std::ranges::find(kBackupTypes, set->type);
    if (type == kBackupTypes.end()) continue;
    Timestamp& last = figures.last_backup[static_cast<std::size_t>(type - kBackupTypes.begin())];
    last = std::max(last, set->stop);
  }
}

RepositoryFigures figures_of(const ClusterState& state, const std::string& repo,
                             const RepositorySeen& seen) {
  RepositoryFigures figures{.repo = repo,
                            .looked_at = seen.at,
                            .size = stored_size(seen.contents),
                            .growth_per_day = growth_per_day(seen.contents)};
  take_backups(figures, state, seen.contents);
  const ArchivedWal* archive = last_archive(seen.contents);
  if (archive != nullptr) figures.last_wal = archive->last_at;
  return figures;
}

bool is_of_these_looks(const std::vector<RepositoryFigures>& last, const ClusterState& state) {
  return std::ranges::equal(
      last, state.repositories, {},
      [](const RepositoryFigures& each) {
        return std::pair(std::string_view(each.repo), each.looked_at);
      },
      [](const auto& each) { return std::pair(std::string_view(each.first), each.second.at); });
}

}  // namespace

std::vector<RepositoryFigures> repository_figures(const ClusterState& state,
                                                  std::vector<RepositoryFigures> last) {
  if (!is_of_these_looks(last, state)) {
    last.clear();
    for (const auto& [repo, seen] : state.repositories)
      last.push_back(figures_of(state, repo, seen));
  }
  for (RepositoryFigures& each : last) {
    const auto error = state.repository_errors.find(each.repo);
    if (error != state.repository_errors.end()) each.last_error = error->second.at;
  }
  return last;
}

std::uint32_t troubles_of(const ClusterState& state) {
  std::uint32_t troubles = 0;
  for (std::size_t i = 0; i < kTroubles.size(); ++i) {
    const Trouble& its = kTroubles[i];
    const auto condition = state.conditions.find(std::string(its.condition));
    if (condition == state.conditions.end() || condition->second.status != its.status) continue;
    if (!its.is_by_reason() || condition->second.reason == its.name) troubles |= 1U << i;
  }
  return troubles;
}

Timestamp archiving_stopped_at(const ClusterState& state) {
  const bool is_failing = state.archiver && state.archiver->its.failure;
  return is_failing ? state.archiver->its.archived_at.value_or(Timestamp()) : Timestamp();
}

}  // namespace annals::fsm
