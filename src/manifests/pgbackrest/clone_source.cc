#include "manifests/pgbackrest/clone_source.h"

#include <optional>
#include <utility>

#include "base/concat.h"
#include "manifests/containers.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::manifests {
namespace {

Labels labels_of(const spec::PostgresCluster& cluster) {
  return {
      {label::kCluster, cluster.name}, {label::kPgBackRest, ""}, {label::kPgBackRestRestore, ""}};
}

SecretObject secret_called(const spec::PostgresCluster& cluster, std::string name) {
  const spec::Metadata* component = pgbackrest_metadata(cluster);
  return {std::move(name), cluster.namespace_name,
          merged_labels(cluster, component, labels_of(cluster)),
          merged_annotations(cluster, component), Ownership::kController};
}

CopiedSecret client_certificate(const spec::PostgresCluster& cluster, const CloneSource& source) {
  return {.secret = secret_called(cluster, names::clone_source(cluster.name)),
          .from_namespace = source.name_space,
          .from = names::pgbackrest_secret(source.cluster),
          .keys = {kClientAuthoritiesKey, kClientCertificateKey, kClientPrivateKeyKey}};
}

// A Secret or ConfigMap that the user projects.
struct ProjectedObject {
  std::string name;
  bool is_config_map = false;
  Json projection;  // of it
};

std::optional<ProjectedObject> projected_object(const Json& projection) {
  for (const char* kind : {"secret", "configMap"}) {
    const Json* object = projection.find(kind);
    const Json* name = object == nullptr ? nullptr : object->find("name");
    if (name == nullptr || !name->is_string()) continue;
    return ProjectedObject{.name = name->text(),
                           .is_config_map = kind == std::string_view("configMap"),
                           .projection = *object};
  }
  return std::nullopt;
}

bool is_elsewhere(const spec::PostgresCluster& cluster, const CloneSource& source) {
  return source.name_space != cluster.namespace_name;
}

std::string copy_name(const spec::PostgresCluster& cluster, std::size_t place) {
  return concat(names::clone_source(cluster.name), "-", place);
}

std::vector<std::string> projected_keys(const Json& projection) {
  std::vector<std::string> keys;
  const Json* items = projection.find("items");
  if (items == nullptr) return keys;
  for (const Json& item : *items) {
    const Json* key = item.find("key");
    if (key != nullptr && key->is_string()) keys.push_back(key->text());
  }
  return keys;
}

bool is_optional(const Json& projection) {
  const Json* optional = projection.find("optional");
  return optional != nullptr && optional->is_boolean() && optional->get<bool>();
}

CopiedSecret copy_of(const spec::PostgresCluster& cluster, const CloneSource& source,
                     const ProjectedObject& object, std::size_t place) {
  return {.secret = secret_called(cluster, copy_name(cluster, place)),
          .from_namespace = source.name_space,
          .from = object.name,
          .keys = projected_keys(object.projection),
          .of_config_map = object.is_config_map,
          .optional = is_optional(object.projection)};
}

Json projection_of_copy(const spec::PostgresCluster& cluster, ProjectedObject object,
                        std::size_t place) {
  object.projection["name"] = copy_name(cluster, place);
  return {{"secret", std::move(object.projection)}};
}

// The user's files, as the new cluster's pods find them.
Json user_files(const spec::PostgresCluster& cluster, const CloneSource& source) {
  Json sources = list_of(source.configuration);
  if (!is_elsewhere(cluster, source)) return sources;
  std::size_t place = 0;
  for (Json& projection : sources) {
    if (std::optional<ProjectedObject> object = projected_object(projection))
      projection = projection_of_copy(cluster, *std::move(object), place);
    ++place;
  }
  return sources;
}

}  // namespace

CloneSource clone_source(const spec::PostgresCluster& source, const std::string& cluster_domain) {
  Observed world;
  world.cluster_domain = cluster_domain;
  return {.name_space = source.namespace_name,
          .cluster = has_volume_repository(source) ? source.name : std::string(),
          .conf = instance_conf_text(source, world),
          .configuration = pgbackrest_of(source).configuration};
}

CloneSource clone_source(const spec::PostgresCluster& cluster, const spec::StoredBackups& backups) {
  return {.name_space = cluster.namespace_name,
          .cluster = {},
          .conf = stored_backups_conf_text(cluster, backups),
          .configuration = backups.configuration};
}

Json clone_source_config_map(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json map = owned_object(kConfigMap, cluster, observed, names::clone_source(cluster.name),
                          labels_of(cluster), pgbackrest_metadata(cluster));
  map["data"] = {{kInstanceConf, observed.source->conf}};
  return map;
}

std::vector<CopiedSecret> clone_source_secrets(const spec::PostgresCluster& cluster,
                                               const Observed& observed) {
  const CloneSource& source = *observed.source;
  std::vector<CopiedSecret> secrets;
  if (!source.cluster.empty()) secrets.push_back(client_certificate(cluster, source));
  if (!is_elsewhere(cluster, source)) return secrets;
  std::size_t place = 0;
  for (const Json& projection : list_of(source.configuration)) {
    if (const std::optional<ProjectedObject> object = projected_object(projection))
      secrets.push_back(copy_of(cluster, source, *object, place));
    ++place;
  }
  return secrets;
}

Json clone_source_volume(const spec::PostgresCluster& cluster, const Observed& observed) {
  const std::string name = names::clone_source(cluster.name);
  Json sources = user_files(cluster, *observed.source);
  sources.push_back(config_map_source(name, {{kInstanceConf, kInstanceConf}}));
  if (!observed.source->cluster.empty()) sources.push_back(client_certificate_source(name));
  return projected_volume("pgbackrest-config", std::move(sources));
}

}  // namespace annals::manifests
