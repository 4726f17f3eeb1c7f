// The Services of a cluster and the Endpoints of its primary.
// {c}-ha has no selector: Patroni writes its Endpoints, which is how traffic follows the leader at
// the very moment of a failover. Where Patroni keeps its state in ConfigMaps it selects the pod
// that Patroni has labelled as the leader. {c}-primary has the address of {c}-ha, so that its DNS
// name needs no type of its own.
#pragma once

#include <optional>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

Json pods_service(const spec::PostgresCluster& cluster, const Observed& observed);
Json leader_service(const spec::PostgresCluster& cluster, const Observed& observed);
// Without it, Kubernetes would remove the Endpoints in which Patroni keeps its configuration;
// ConfigMaps need none.
Json leader_config_service(const spec::PostgresCluster& cluster, const Observed& observed);
Json primary_service(const spec::PostgresCluster& cluster, const Observed& observed);
// None until the leader Service has an address.
std::optional<Json> primary_endpoints(const spec::PostgresCluster& cluster,
                                      const Observed& observed);
Json replica_service(const spec::PostgresCluster& cluster, const Observed& observed);

}  // namespace annals::manifests
