#include "manifests/instance/instance.h"

#include <utility>

#include "manifests/data_volumes.h"
#include "manifests/instance/instance_pod.h"
#include "manifests/names.h"
#include "manifests/object.h"

namespace annals::manifests {

Labels instance_labels(const spec::PostgresCluster& cluster, const spec::InstanceSet& set,
                       const Instance& instance) {
  return {{label::kCluster, cluster.name},
          {label::kInstanceSet, set.name},
          {label::kInstance, instance.name}};
}

std::vector<Json> instance_volume_claims(const spec::PostgresCluster& cluster,
                                         const Observed& observed, const spec::InstanceSet& set,
                                         const Instance& instance) {
  const auto claim = [&](const std::string& name, const char* role, const std::string& data,
                         const spec::VolumeClaim& wanted) {
    Labels labels = instance_labels(cluster, set, instance);
    labels[label::kRole] = role;
    labels[label::kData] = data;
    Json object = owned_object(kVolumeClaim, cluster, observed, name, labels, &set.metadata);
    object["spec"] = value_of(wanted.json);
    take_adopted(object, observed);
    return object;
  };
  std::vector<Json> claims{claim(names::data_volume(instance.name), role::kPgData, kDataPostgres,
                                 set.data_volume_claim_spec)};
  if (set.wal_volume_claim_spec) {
    claims.push_back(claim(names::wal_volume(instance.name), role::kPgWal, kDataPostgres,
                           *set.wal_volume_claim_spec));
  }
  for (const spec::TablespaceVolume& volume : set.tablespace_volumes) {
    claims.push_back(claim(names::tablespace_volume(instance.name, volume.name), role::kTablespace,
                           volume.name, volume.data_volume_claim_spec));
  }
  return claims;
}

Json instance_stateful_set(const spec::PostgresCluster& cluster, const Observed& observed,
                           const spec::InstanceSet& set, const Instance& instance) {
  const Labels selector = instance_labels(cluster, set, instance);
  Labels labels = selector;
  labels[label::kData] = kDataPostgres;
  Labels pod_labels = labels;
  pod_labels[label::kPatroni] = names::leader(cluster.name);

  Json object = owned_object(kStatefulSet, cluster, observed, instance.name, labels, &set.metadata);
  Json template_metadata =
      pod_metadata(cluster, &set.metadata, pod_labels, {{kDefaultContainer, kDatabaseContainer}});
  object["spec"] = {{"replicas", instance.running ? 1 : 0},
                    {"revisionHistoryLimit", 0},
                    {"selector", match_labels(selector)},
                    {"serviceName", names::pods(cluster.name)},
                    {"updateStrategy", {{"type", "OnDelete"}}},
                    {"template",
                     {{"metadata", std::move(template_metadata)},
                      {"spec", instance_pod(cluster, observed, set, instance)}}}};
  return object;
}

}  // namespace annals::manifests
