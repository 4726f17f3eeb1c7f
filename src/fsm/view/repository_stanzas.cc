#include "fsm/view/repository_stanzas.h"

#include <algorithm>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_trouble.h"
#include "fsm/view/store_place.h"

namespace annals::fsm {
namespace {

// Of a stanza of another database, whose exit status the program of another image may not pass on.
constexpr const char* kMismatch = "[028]";

std::string text_of_place(const spec::Repository& repo, const GlobalOptions& global) {
  if (const std::optional<StorePlace> place = store_place(repo, global)) return to_string(*place);
  const auto path = global.find(repo.name + "-path");
  return concat("volume, path ",
                path == global.end() ? concat("/pgbackrest/", repo.name) : path->second);
}

const StanzaProgress* stanza_of(const ClusterState& state, const std::string& repo) {
  const auto found = state.backup.stanzas.find(repo);
  return found == state.backup.stanzas.end() ? nullptr : &found->second;
}

}  // namespace

std::vector<RepositoryPlace> repository_places(const spec::PostgresCluster& cluster) {
  std::vector<RepositoryPlace> places;
  if (!spec::has_backups(cluster)) return places;
  const GlobalOptions& global = cluster.spec.backups->pgbackrest->global;
  for (const spec::Repository& repo : spec::repositories(cluster))
    places.push_back({.repo = repo.name, .text = text_of_place(repo, global)});
  return places;
}

bool has_stanza(const ClusterState& state, const std::string& repo) {
  // An older version made them all at once.
  if (state.backup.stanzas.empty()) return state.backup.phase != BackupPhase::kStanza;
  const StanzaProgress* its = stanza_of(state, repo);
  return its != nullptr && its->created;
}

std::string replica_repository(ClusterState& state) {
  if (state.backup.phase == BackupPhase::kStanza) return {};
  if (!state.backup.replica_repo.empty()) return state.backup.replica_repo;
  const Rendered& all = rendered(state);
  return all.places.empty() ? std::string() : all.places.front().repo;
}

std::vector<std::string> other_databases(const ClusterState& state, const std::string& repo) {
  std::vector<std::string> others;
  const auto seen = state.repositories.find(repo);
  if (seen == state.repositories.end()) return others;
  const std::string own = system_identifier(state);
  for (const RepositoryDatabase& database : seen->second.contents.databases) {
    if (database.system_id == own) return {};
    others.push_back(database.system_id);
  }
  return others;
}

bool is_of_other_database(const FailedAttempt& failure) {
  return failure.reason.contains(kMismatch);
}

Message trouble_of_stanza(ClusterState& state, const std::string& repo) {
  const StanzaProgress* its = stanza_of(state, repo);
  if (its == nullptr || its->created || !its->last_failure) return {};
  const FailedAttempt& failure = *its->last_failure;
  if (is_of_other_database(failure))
    return say::stanza_of_other_database(repo, its->place, listed(other_databases(state, repo)),
                                         system_identifier(state), repo + "-");
  return say::stanza_failed(repo, its->place, failure.reason,
                            field_to_look_at(rendered(state).cluster, repo, failure.reason));
}

}  // namespace annals::fsm
