#include "fsm/view/repository_cipher.h"

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/repository_stanzas.h"

namespace annals::fsm {

std::string cipher_of(const spec::PostgresCluster& cluster, const std::string& repo) {
  const auto& global = cluster.spec.backups->pgbackrest->global;
  const auto given = global.find(concat(repo, "-cipher-type"));
  return given == global.end() ? "none" : given->second;
}

std::map<std::string, std::string> ciphers_before(const ClusterState& state,
                                                  const spec::PostgresCluster& cluster) {
  std::map<std::string, std::string> before;
  if (state.backup.stanzas.empty()) return before;
  for (const RepositoryPlace& place : repository_places(cluster)) {
    const auto its = state.backup.stanzas.find(place.repo);
    if (its == state.backup.stanzas.end() || its->second.place != place.text) continue;
    const std::optional<std::string>& known = its->second.cipher;
    if (its->second.created && known && *known != cipher_of(cluster, place.repo))
      before[place.repo] = *known;
  }
  return before;
}

std::vector<Message> changed_ciphers(const spec::PostgresCluster& cluster,
                                     const std::map<std::string, std::string>& before) {
  std::vector<Message> changed;
  for (const auto& [repo, known] : before) {
    changed.push_back(
        say::cipher_changed(concat("spec.backups.pgbackrest.global.", repo, "-cipher-type"),
                            cipher_of(cluster, repo), repo, known));
  }
  return changed;
}

}  // namespace annals::fsm
