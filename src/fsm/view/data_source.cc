#include "fsm/view/data_source.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "manifests/labels.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

constexpr const char* kInvalidDataSource = "InvalidDataSource";
constexpr const char* kOptionsPath = "spec.dataSource.postgresCluster.options";

// Null where there is none.
const spec::RestoreSource* source_of(const spec::PostgresCluster& cluster) {
  const std::optional<spec::DataSource>& source = cluster.spec.data_source;
  return source && source->postgres_cluster ? &*source->postgres_cluster : nullptr;
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

bool names(std::string_view list, std::string_view name_space) {
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

bool is_elsewhere(const spec::PostgresCluster& cluster, const CloneRequest& request) {
  return !request.is_of_own() && request.name_space != cluster.namespace_name;
}

RestoreRefusal refusal_of_consent(const spec::PostgresCluster& cluster, const CloneRequest& request,
                                  const spec::PostgresCluster& source) {
  const auto consent = source.annotations.find(manifests::annotation::kCloneNamespaces);
  if (consent != source.annotations.end() && names(consent->second, cluster.namespace_name))
    return {};
  return not_yet(say::clone_without_consent(request.source(), cluster.namespace_name,
                                            manifests::annotation::kCloneNamespaces));
}

}  // namespace

std::string CloneRequest::source() const {
  return cluster.empty() ? std::string() : concat(name_space, "/", cluster);
}

CloneRequest clone_request(const spec::PostgresCluster& cluster) {
  const std::optional<spec::DataSource>& data_source = cluster.spec.data_source;
  if (!data_source || *data_source == spec::DataSource{}) return {};
  CloneRequest request{.id = concat("~pgo-bootstrap-", cluster.name)};
  const spec::RestoreSource* source = source_of(cluster);
  if (source == nullptr) return request;
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
  std::string text = concat(request.source(), ' ', request.repo);
  const spec::RestoreSource* source = source_of(cluster);
  if (source == nullptr) return text;
  for (const std::string& option : source->options) text += concat(' ', option);
  return text;
}

spec::RestoreOptions options_of_clone(const spec::PostgresCluster& cluster) {
  const spec::RestoreSource* source = source_of(cluster);
  if (source == nullptr) return {};
  return spec::read_restore_options(source->options, kOptionsPath).options;
}

RestoreRefusal mistake_in_clone(const spec::PostgresCluster& cluster,
                                const OperatorConfigured& config) {
  const spec::DataSource& given = *cluster.spec.data_source;
  if (!given.volumes.empty())
    return wrong_source(say::clone_source_unsupported("spec.dataSource.volumes"));
  const spec::RestoreSource* source = source_of(cluster);
  if (source != nullptr && !given.pgbackrest.empty())
    return wrong_source(say::clone_of_two_sources());
  if (source == nullptr)
    return wrong_source(say::clone_source_unsupported("spec.dataSource.pgbackrest"));
  if (cluster.spec.standby && cluster.spec.standby->enabled)
    return wrong_source(say::clone_of_standby());
  const CloneRequest request = clone_request(cluster);
  if (request.is_of_own() && repository_called(cluster, request.repo) == nullptr) {
    return wrong_source(
        say::clone_own_repo_unknown(request.repo, names_of(spec::repositories(cluster))));
  }
  if (is_elsewhere(cluster, request) && config.clone_across_namespaces == kCloneDeny)
    return wrong_source(say::clone_across_namespaces_denied());
  const std::vector<spec::Mistake> mistakes =
      spec::read_restore_options(source->options, kOptionsPath).mistakes;
  if (mistakes.empty()) return {};
  return wrong_source(say::clone_options_refused(messages_of(mistakes)));
}

RestoreRefusal mistake_in_source(const spec::PostgresCluster& cluster,
                                 const OperatorConfigured& config, const SourceSeen& seen) {
  const CloneRequest request = clone_request(cluster);
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
  if (repo->volume) return {};
  return not_yet(say::clone_source_repo_external(request.repo, request.source()));
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
