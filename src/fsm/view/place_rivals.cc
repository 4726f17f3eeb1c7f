#include "fsm/view/place_rivals.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "fsm/view/standby.h"
#include "fsm/view/store_place.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {
namespace {

// Most clusters have none, and need not be parsed.
bool may_have_store(std::string_view resource) {
  constexpr std::array<std::string_view, 3> kStores{"\"s3\"", "\"gcs\"", "\"azure\""};
  return std::ranges::any_of(kStores, [&](auto store) { return resource.contains(store); });
}

// Two containers of one name belong to two accounts, and who does not say in `global` which one it
// is has it in a file: it is the same where the files are. A name without a domain is of the
// namespace.
std::string scope_of(const spec::PostgresCluster& cluster, const StorePlace& place) {
  const spec::PgBackRest& own = *cluster.spec.backups->pgbackrest;
  if (place.kind == "azure") {
    const auto account = own.global.find(concat(place.repo, "-azure-account"));
    if (account != own.global.end()) return concat("account ", account->second);
    return concat(cluster.namespace_name, " ", own.configuration.json);
  }
  const std::string host = place.host.substr(0, place.host.find(':'));
  return host.empty() || host.contains('.') ? std::string() : cluster.namespace_name;
}

bool is_made_in_store(const StanzaProgress& stanza) {
  return stanza.created && !stanza.place.starts_with("volume");
}

bool is_as_told(const ClusterState& state, const std::vector<ClaimedPlace>& last) {
  std::size_t count = 0;
  for (const auto& [repo, stanza] : state.backup.stanzas) {
    if (!is_made_in_store(stanza)) continue;
    if (count == last.size() || last[count].repo != repo || last[count].text != stanza.place)
      return false;
    count += 1;
  }
  return count == last.size();
}

// The machines have not noted yet which repositories there are: what an older version left, or
// what the status says to a new journal.
bool had_stanza(const ClusterState& state, const std::string& repo) {
  if (state.backup.phase != BackupPhase::kStanza) return true;
  return !state.begun_here && state.spec->stanzas.contains(repo);
}

const PlaceRival* rival_at(const ClusterState& state, const RepositoryPlace& place,
                           bool (*is_meant)(const PlaceRival&)) {
  const auto rival = std::ranges::find_if(state.rivals, [&](const PlaceRival& each) {
    return each.place == place.text && is_meant(each);
  });
  return rival == state.rivals.end() ? nullptr : &*rival;
}

}  // namespace

std::vector<ClaimedPlace> claimed_places(const std::string& resource) {
  if (!may_have_store(resource)) return {};
  const spec::PostgresCluster cluster = spec::read_postgres_cluster(resource).cluster;
  if (!spec::has_backups(cluster) || spec::asks_for_standby(cluster)) return {};
  const spec::PgBackRest& own = *cluster.spec.backups->pgbackrest;
  std::vector<ClaimedPlace> claimed;
  for (const StorePlace& place : store_places(own.repos, own.global)) {
    claimed.push_back(
        {.repo = place.repo, .text = to_string(place), .scope = scope_of(cluster, place)});
  }
  return claimed;
}

std::vector<ClaimedPlace> places_with_stanza(const ClusterState& state,
                                             std::vector<ClaimedPlace> last) {
  // What follows another cluster writes nowhere, whatever it has made before.
  if (is_configured_standby(state)) return {};
  if (is_as_told(state, last)) return last;
  last.clear();
  for (const auto& [repo, stanza] : state.backup.stanzas) {
    if (is_made_in_store(stanza)) last.push_back({.repo = repo, .text = stanza.place});
  }
  return last;
}

bool writes_to(const ClusterState& state, const RepositoryPlace& place) {
  if (state.backup.stanzas.empty()) return had_stanza(state, place.repo);
  const auto its = state.backup.stanzas.find(place.repo);
  if (its == state.backup.stanzas.end() || its->second.place != place.text) return false;
  return its->second.created || its->second.found;
}

const PlaceRival* holder_of(const ClusterState& state, const RepositoryPlace& place) {
  if (state.rivals.empty() || writes_to(state, place)) return nullptr;
  return rival_at(state, place,
                  [](const PlaceRival& rival) { return rival.has_stanza || rival.came_first; });
}

const PlaceRival* fellow_writer(const ClusterState& state, const RepositoryPlace& place) {
  if (state.rivals.empty() || !writes_to(state, place)) return nullptr;
  return rival_at(state, place, [](const PlaceRival& rival) { return rival.has_stanza; });
}

}  // namespace annals::fsm
