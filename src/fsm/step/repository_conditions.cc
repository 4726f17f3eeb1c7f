#include "fsm/step/repository_conditions.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_sets.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_growth.h"
#include "fsm/view/repository_trouble.h"
#include "fsm/view/store_place.h"
#include "fsm/view/wal_gaps.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

// pgBackRest takes the first repository's without its name too.
constexpr std::array kRetentionOptions{"retention-full", "retention-archive"};

const RepositoryContents* contents_of(const ClusterState& state, const std::string& repo) {
  const auto seen = state.repositories.find(repo);
  return seen == state.repositories.end() ? nullptr : &seen->second.contents;
}

bool expires_anything(const GlobalOptions& global, const std::string& repo) {
  return std::ranges::any_of(kRetentionOptions, [&](const char* option) {
    return global.contains(concat(repo, "-", option)) ||
           (repo == "repo1" && global.contains(option));
  });
}

// "12.3 MiB".
std::string in_words(std::uint64_t bytes) {
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::uint64_t tenths = 0;
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) {
    tenths = bytes % 1024 * 10 / 1024;
    bytes /= 1024;
    unit += 1;
  }
  return unit == 0 ? concat(bytes, " B") : concat(bytes, ".", tenths, " ", kUnits[unit]);
}

std::string growth_in_words(const ClusterState& state, const std::string& repo) {
  const RepositoryContents* contents = contents_of(state, repo);
  const std::uint64_t growth = contents == nullptr ? 0 : growth_per_day(*contents);
  return growth == 0 ? std::string() : in_words(growth);
}

// Of this database.
Sets faulty_sets_in(const ClusterState& state, const std::string& repo) {
  const RepositoryContents* contents = contents_of(state, repo);
  if (contents == nullptr) return {};
  const RepositoryDatabase* own = own_database(*contents, {.system_id = system_identifier(state)});
  if (own == nullptr) return {};
  Sets sets = sets_of(*contents, *own);
  std::erase_if(sets, [](const BackupSet* set) { return !set->faulty; });
  return sets;
}

std::string place_of(ClusterState& state, const spec::Repository& repo) {
  const GlobalOptions& global = rendered(state).cluster.spec.backups->pgbackrest->global;
  const std::optional<StorePlace> store = store_place(repo, global);
  return store ? to_string(*store)
               : concat("PersistentVolumeClaim/",
                        manifests::names::repo_volume(state.spec->name, repo.name));
}

// Asked for in every step.
const std::vector<spec::Repository>& repositories_of(ClusterState& state) {
  static const std::vector<spec::Repository> kNone;
  const Rendered& all = rendered(state);
  return all.repositories.empty() ? kNone : spec::repositories(all.cluster);
}

}  // namespace

std::vector<Message> unreadable_repositories(ClusterState& state) {
  std::vector<Message> unreadable;
  if (state.repositories.empty()) return unreadable;
  for (const spec::Repository& repo : repositories_of(state)) {
    const RepositoryContents* contents = contents_of(state, repo.name);
    if (contents == nullptr || contents->code != kRepositoryUnreadable) continue;
    const std::string error = error_of_repository(contents->trouble);
    unreadable.push_back(
        say::repository_unreadable(repo.name, place_of(state, repo), error,
                                   field_to_look_at(rendered(state).cluster, repo.name, error)));
  }
  return unreadable;
}

std::vector<Message> repositories_without_retention(ClusterState& state) {
  std::vector<Message> growing;
  for (const spec::Repository& repo : repositories_of(state)) {
    const GlobalOptions& global = rendered(state).cluster.spec.backups->pgbackrest->global;
    if (!expires_anything(global, repo.name))
      growing.push_back(say::repository_grows(repo.name, growth_in_words(state, repo.name)));
  }
  return growing;
}

std::vector<Message> faulty_backups(ClusterState& state) {
  std::vector<Message> faulty;
  if (state.repositories.empty()) return faulty;
  for (const spec::Repository& repo : repositories_of(state)) {
    const Sets sets = faulty_sets_in(state, repo.name);
    if (!sets.empty()) faulty.push_back(say::backup_faulty(repo.name, labels_of(sets)));
  }
  return faulty;
}

Message lack_of_wal(const std::string& repo, const WalGap& gap) {
  return say::wal_missing(repo, gap.first, gap.last == gap.first ? std::string() : gap.last,
                          gap.after);
}

std::vector<Message> repositories_without_wal(ClusterState& state) {
  std::vector<Message> missing;
  if (state.repositories.empty()) return missing;
  for (const spec::Repository& repo : repositories_of(state)) {
    const auto seen = state.repositories.find(repo.name);
    const WalGap* gap = seen == state.repositories.end() ? nullptr : open_gaps(seen->second).first;
    if (gap != nullptr) missing.push_back(lack_of_wal(repo.name, *gap));
  }
  return missing;
}

std::optional<RestoreVerdict> backup_removed(const ClusterState& state) {
  if (!state.removal) return std::nullopt;
  const BackupRemoval& its = *state.removal;
  if (its.phase == RemovalPhase::kSucceeded)
    return RestoreVerdict{.status = true,
                          .reason = "BackupRemoved",
                          .message = say::backup_removed(its.set, its.repo, listed(its.also))};
  if (its.phase != RemovalPhase::kFailed) return std::nullopt;
  return RestoreVerdict{.status = false, .reason = its.failure_reason, .message = its.failure};
}

}  // namespace annals::fsm
