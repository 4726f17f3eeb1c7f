#include "manifests/pgbackrest/clone_source.h"

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

}  // namespace

CloneSource clone_source(const spec::PostgresCluster& source, const std::string& cluster_domain) {
  Observed world;
  world.cluster_domain = cluster_domain;
  return {.name_space = source.namespace_name,
          .cluster = source.name,
          .conf = instance_conf_text(source, world)};
}

Json clone_source_config_map(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json map = owned_object(kConfigMap, cluster, observed, names::clone_source(cluster.name),
                          labels_of(cluster), pgbackrest_metadata(cluster));
  map["data"] = {{kInstanceConf, observed.source->conf}};
  return map;
}

CopiedSecret clone_source_secret(const spec::PostgresCluster& cluster, const Observed& observed) {
  const spec::Metadata* component = pgbackrest_metadata(cluster);
  return {.secret = {names::clone_source(cluster.name), cluster.namespace_name,
                     merged_labels(cluster, component, labels_of(cluster)),
                     merged_annotations(cluster, component), Ownership::kController},
          .from_namespace = observed.source->name_space,
          .from = names::pgbackrest_secret(observed.source->cluster),
          .keys = {kClientAuthoritiesKey, kClientCertificateKey, kClientPrivateKeyKey}};
}

Json clone_source_volume(const spec::PostgresCluster& cluster) {
  const std::string name = names::clone_source(cluster.name);
  return projected_volume("pgbackrest-config",
                          Json::array({config_map_source(name, {{kInstanceConf, kInstanceConf}}),
                                       client_certificate_source(name)}));
}

}  // namespace annals::manifests
