#include "fsm/view/data_source.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/text/say.h"
#include "fsm/view/kept_volumes.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "fsm/view/store_place.h"
#include "manifests/instance/volumes.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

constexpr const char* kInvalidDataSource = "InvalidDataSource";
constexpr const char* kOptionsPath = "spec.dataSource.postgresCluster.options";
constexpr const char* kStoreOptionsPath = "spec.dataSource.pgbackrest.options";

// Null where there is none.
const spec::RestoreSource* source_of(const spec::PostgresCluster& cluster) {
  const std::optional<spec::DataSource>& source = cluster.spec.data_source;
  return source && source->postgres_cluster ? &*source->postgres_cluster : nullptr;
}

// Likewise.
const spec::StoredBackups* stored_backups(const spec::PostgresCluster& cluster) {
  const std::optional<spec::DataSource>& source = cluster.spec.data_source;
  return source && source->pgbackrest ? &*source->pgbackrest : nullptr;
}

const std::vector<std::string>& options_given(const spec::PostgresCluster& cluster) {
  static const std::vector<std::string> kNone;
  if (const spec::RestoreSource* source = source_of(cluster)) return source->options;
  const spec::StoredBackups* backups = stored_backups(cluster);
  return backups == nullptr ? kNone : backups->options;
}

const char* options_path(const spec::PostgresCluster& cluster) {
  return source_of(cluster) != nullptr ? kOptionsPath : kStoreOptionsPath;
}

// Of all that says how the store is reached, by whom and where in it.
std::string digest_of(const spec::StoredBackups& backups) {
  std::string text = backups.configuration.json;
  for (const auto& [name, value] : backups.global) text += concat("\n", name, "=", value);
  if (backups.repo.s3) text += concat("\n", backups.repo.s3->region);
  constexpr std::size_t kDigits = 12;
  return sha256_hex(text).substr(0, kDigits);
}

RestoreRefusal wrong_source(Message text) {
  return {.reason = kInvalidDataSource, .text = std::move(text)};
}

// What may change without another spec of this cluster.
RestoreRefusal not_yet(Message text) {
  Message awaited = say::clone_possible(text);
  return {.reason = kInvalidDataSource, .text = std::move(text), .waits_for = std::move(awaited)};
}

std::string names_of(const std::vector<spec::Repository>& repos) {
  std::vector<std::string> names;
  for (const spec::Repository& repo : repos) names.push_back(repo.name);
  return listed(names);
}

const spec::Repository* repository_called(const spec::PostgresCluster& cluster,
                                          const std::string& name) {
  const std::vector<spec::Repository>& repos = spec::repositories(cluster);
  const auto found = std::ranges::find(repos, name, &spec::Repository::name);
  return found == repos.end() ? nullptr : &*found;
}

std::vector<Message> messages_of(const std::vector<spec::Mistake>& mistakes) {
  std::vector<Message> messages;
  for (const spec::Mistake& mistake : mistakes)
    messages.push_back(say::spec_mistake(mistake.field, mistake.value, mistake.remedy));
  return messages;
}

bool has_name(std::string_view list, std::string_view name_space) {
  constexpr std::string_view kBlanks = ", ";
  while (!list.empty()) {
    const std::size_t begin = std::min(list.find_first_not_of(kBlanks), list.size());
    list.remove_prefix(begin);
    const std::size_t end = std::min(list.find_first_of(kBlanks), list.size());
    const std::string_view each = list.substr(0, end);
    if (each == name_space || each == "*") return true;
    list.remove_prefix(end);
  }
  return false;
}

CloneRequest request_for_kept_volume(const spec::PostgresCluster& cluster) {
  for (const spec::InstanceSet& set : cluster.spec.instances) {
    if (manifests::chooses_volume(set.data_volume_claim_spec.json.json))
      return {.id = concat("~kept-volume-", cluster.name), .kept_set = set.name};
  }
  return {};
}

// WAL and backups of both would be written to one place. The new cluster has the source's system
// identifier, so that pgBackRest would not notice.
Message common_place(const spec::PostgresCluster& cluster, const std::vector<StorePlace>& sources) {
  if (!spec::has_backups(cluster)) return {};
  const spec::PgBackRest& own = *cluster.spec.backups->pgbackrest;
  for (const StorePlace& place : store_places(own.repos, own.global)) {
    for (const StorePlace& source : sources) {
      if (place.is_that_of(source))
        return say::clone_into_its_source(place.repo, source.repo, to_string(source));
    }
  }
  return {};
}

// Whose volumes its annotation asks for.
std::string deleted_in(const spec::PostgresCluster& cluster) {
  const auto asked = cluster.annotations.find(manifests::annotation::kTakeUpDeleted);
  return asked == cluster.annotations.end() ? std::string() : asked->second;
}

bool has_data_source(const spec::PostgresCluster& cluster) {
  return cluster.spec.data_source && *cluster.spec.data_source != spec::DataSource{};
}

bool is_elsewhere(const spec::PostgresCluster& cluster, const CloneRequest& request) {
  return !request.cluster.empty() && request.name_space != cluster.namespace_name;
}

RestoreRefusal refusal_of_consent(const spec::PostgresCluster& cluster, const CloneRequest& request,
                                  const spec::PostgresCluster& source) {
  const auto consent = source.annotations.find(manifests::annotation::kCloneNamespaces);
  if (consent != source.annotations.end() && has_name(consent->second, cluster.namespace_name))
    return {};
  return not_yet(say::clone_without_consent(request.source(), cluster.namespace_name,
                                            manifests::annotation::kCloneNamespaces));
}

RestoreRefusal mistake_in_wish(const spec::PostgresCluster& cluster,
                               const spec::ExistingVolumes& volumes, bool has_backups_as_well) {
  if (volumes.data && has_backups_as_well) return wrong_source(say::clone_of_volume_and_backups());
  if (volumes.wal && !volumes.data) return wrong_source(say::wal_volume_without_data());
  const spec::InstanceSet& set = cluster.spec.instances.front();
  if (volumes.wal && !set.wal_volume_claim_spec)
    return wrong_source(say::wal_volume_not_in_spec(set.name));
  const std::vector<spec::Repository>& repos = spec::repositories(cluster);
  if (volumes.repository && (repos.empty() || !repos.front().volume))
    return wrong_source(say::repository_volume_not_in_spec());
  if (volumes.repository && !volumes.data && !has_backups_as_well)
    return wrong_source(say::repository_volume_alone());
  for (const std::optional<spec::ExistingVolume>* volume :
       {&volumes.data, &volumes.wal, &volumes.repository}) {
    const bool is_plain = !*volume || ((*volume)->directory.find('/') == std::string::npos &&
                                       (*volume)->directory != ".." && (*volume)->directory != ".");
    if (!is_plain) return wrong_source(say::volume_directory_not_plain((*volume)->directory));
  }
  return {};
}

}  // namespace

std::map<std::string, std::string> claims_to_adopt(const spec::PostgresCluster& cluster,
                                                   const std::string& instance) {
  const spec::ExistingVolumes volumes = clone_request(cluster).volumes;
  std::map<std::string, std::string> claims;
  namespace names = manifests::names;
  if (volumes.data) claims[names::data_volume(instance)] = volumes.data->claim;
  if (volumes.wal) claims[names::wal_volume(instance)] = volumes.wal->claim;
  if (volumes.repository) {
    const std::string& repo = spec::repositories(cluster).front().name;
    claims[names::repo_volume(cluster.name, repo)] = volumes.repository->claim;
  }
  return claims;
}

std::string first_instance(ClusterState& state) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const CloneRequest request = clone_request(cluster);
  if (!request.deleted.empty()) return leader_when_deleted(state, request.deleted);
  const std::string& kept = request.kept_set;
  const auto names =
      state.instances.find(kept.empty() ? cluster.spec.instances.front().name : kept);
  return names == state.instances.end() || names->second.empty() ? std::string()
                                                                 : names->second.front();
}

bool awaits_adoption(ClusterState& state, const std::string& claim) {
  if (!state.restore || !is_cloning(*state.restore)) return false;
  return !state.restore->clone->adopted.contains(claim) &&
         claims_to_adopt(rendered(state).cluster, first_instance(state)).contains(claim);
}

RestoreRefusal mistake_in_volumes(const spec::PostgresCluster& cluster, const ClusterUid& uid,
                                  const VolumesSeen& seen) {
  for (const auto& [usual, claim] : claims_to_adopt(cluster, "")) {
    const auto known = seen.volumes.find(claim);
    if (known == seen.volumes.end() || !known->second.found)
      return not_yet(say::volume_to_adopt_missing(claim));
    const VolumeSeen& volume = known->second;
    if (volume.deleting) return not_yet(say::volume_to_adopt_deleted(claim));
    if (!volume.owner_uid.empty() && volume.owner_uid != uid.value())
      return not_yet(say::volume_to_adopt_owned(claim, volume.owner));
  }
  return {};
}

std::string source_name(const std::string& name_space, const std::string& cluster) {
  return cluster.empty() ? std::string() : concat(name_space, "/", cluster);
}

std::string CloneRequest::source() const {
  return is_of_store() ? store : source_name(name_space, cluster);
}

CloneRequest clone_request(const spec::PostgresCluster& cluster) {
  if (const std::string deleted = deleted_in(cluster); !deleted.empty())
    return {.id = concat("~deleted-", deleted), .deleted = deleted};
  const std::optional<spec::DataSource>& data_source = cluster.spec.data_source;
  if (!has_data_source(cluster)) return request_for_kept_volume(cluster);
  CloneRequest request{.id = concat("~pgo-bootstrap-", cluster.name)};
  if (data_source->volumes) request.volumes = *data_source->volumes;
  if (const spec::StoredBackups* backups = stored_backups(cluster)) {
    request.repo = backups->repo.name;
    if (const auto place = store_place(backups->repo, backups->global))
      request.store = to_string(*place);
  }
  const spec::RestoreSource* source = source_of(cluster);
  if (source == nullptr) return request;
  request.store.clear();
  request.repo = source->repo_name;
  const std::string& name = source->cluster_name.empty() ? cluster.name : source->cluster_name;
  const std::string& name_space =
      source->cluster_namespace.empty() ? cluster.namespace_name : source->cluster_namespace;
  if (name == cluster.name && name_space == cluster.namespace_name) return request;
  request.cluster = name;
  request.name_space = name_space;
  return request;
}

std::string clone_described(const spec::PostgresCluster& cluster) {
  const CloneRequest request = clone_request(cluster);
  std::string text = concat(request.source(), ' ', request.repo, request.kept_set, request.deleted);
  for (const std::optional<spec::ExistingVolume>* volume :
       {&request.volumes.data, &request.volumes.wal, &request.volumes.repository}) {
    if (*volume) text += concat(" volume ", (*volume)->claim, "/", (*volume)->directory);
  }
  for (const std::string& option : options_given(cluster)) text += concat(' ', option);
  if (const spec::StoredBackups* backups = stored_backups(cluster))
    text += concat(" stanza ", backups->stanza, " by ", digest_of(*backups));
  return text;
}

spec::RestoreOptions options_of_clone(const spec::PostgresCluster& cluster) {
  return spec::read_restore_options(options_given(cluster), options_path(cluster)).options;
}

RestoreRefusal mistake_in_clone(const spec::PostgresCluster& cluster,
                                const OperatorConfigured& config) {
  if (!deleted_in(cluster).empty() && has_data_source(cluster))
    return wrong_source(say::take_up_and_data_source(manifests::annotation::kTakeUpDeleted));
  if (!has_data_source(cluster)) return {};  // of a kept volume
  const spec::DataSource& given = *cluster.spec.data_source;
  const bool has_backups = given.postgres_cluster || given.pgbackrest;
  if (given.volumes) {
    RestoreRefusal refusal = mistake_in_wish(cluster, *given.volumes, has_backups);
    if (!refusal.empty() || given.volumes->data) return refusal;
  }
  if (given.postgres_cluster && given.pgbackrest) return wrong_source(say::clone_of_two_sources());
  if (spec::asks_for_standby(cluster)) return wrong_source(say::clone_of_standby());
  const CloneRequest request = clone_request(cluster);
  if (request.is_of_own() && repository_called(cluster, request.repo) == nullptr) {
    return wrong_source(
        say::clone_own_repo_unknown(request.repo, names_of(spec::repositories(cluster))));
  }
  if (is_elsewhere(cluster, request) && config.clone_across_namespaces == kCloneDeny)
    return wrong_source(say::clone_across_namespaces_denied());
  if (given.pgbackrest) {
    const auto places = store_places({given.pgbackrest->repo}, given.pgbackrest->global);
    if (Message mistake = common_place(cluster, places); !mistake.empty())
      return wrong_source(std::move(mistake));
  }
  const std::vector<spec::Mistake> mistakes =
      spec::read_restore_options(options_given(cluster), options_path(cluster)).mistakes;
  if (mistakes.empty()) return {};
  return wrong_source(say::clone_options_refused(messages_of(mistakes)));
}

RestoreRefusal mistake_in_source(const spec::PostgresCluster& cluster,
                                 const OperatorConfigured& config, const SourceSeen& seen) {
  const CloneRequest request = clone_request(cluster);
  if (request.is_of_store()) return {};
  if (!seen.cluster.found) return not_yet(say::clone_source_missing(request.source()));
  const spec::Reading reading = spec::read_postgres_cluster(seen.cluster.resource);
  if (!reading.findings.mistakes.empty()) {
    return not_yet(
        say::clone_source_unreadable(request.source(), messages_of(reading.findings.mistakes)));
  }
  const spec::PostgresCluster& source = reading.cluster;
  if (is_elsewhere(cluster, request) && config.clone_across_namespaces == kCloneConsent) {
    if (RestoreRefusal refusal = refusal_of_consent(cluster, request, source); !refusal.empty())
      return refusal;
  }
  if (source.spec.postgres_version != cluster.spec.postgres_version) {
    return not_yet(say::clone_of_other_version(request.source(), source.spec.postgres_version,
                                               cluster.spec.postgres_version));
  }
  const spec::Repository* repo = repository_called(source, request.repo);
  if (repo == nullptr) {
    return not_yet(say::clone_source_repo_unknown(request.repo, request.source(),
                                                  names_of(spec::repositories(source))));
  }
  const spec::PgBackRest& theirs = *source.spec.backups->pgbackrest;
  Message mistake = common_place(cluster, store_places(theirs.repos, theirs.global));
  return mistake.empty() ? RestoreRefusal() : not_yet(std::move(mistake));
}

bool is_source_in_store(const CloneRequest& request, const SourceSeen& seen) {
  const spec::Reading reading = spec::read_postgres_cluster(seen.cluster.resource);
  const spec::Repository* repo = repository_called(reading.cluster, request.repo);
  return repo != nullptr && !repo->volume;
}

RestorableDatabase database_in(const RepositoryContents& contents, std::int32_t version) {
  RestorableDatabase database{.version = version};
  const RepositoryDatabase* own = own_database(contents, database);
  if (own == nullptr) return database;
  const auto take = [&](const std::string& segment) {
    if (!segment.empty())
      database.timeline = std::max(database.timeline, spec::timeline_of_segment(segment));
  };
  for (const ArchivedWal& wal : contents.archives) {
    if (wal.database == own->id) take(wal.last);
  }
  for (const BackupSet* set : sets_of(contents, *own)) take(set->last_wal);
  return database;
}

}  // namespace annals::fsm
