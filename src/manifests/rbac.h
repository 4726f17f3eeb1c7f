// What the pods of a cluster may do in the Kubernetes API: as much as Patroni needs, and no more.
#pragma once

#include <vector>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// ServiceAccount, Role and RoleBinding {c}-instance.
std::vector<Json> instance_rbac(const spec::PostgresCluster& cluster, const Observed& observed);
// ServiceAccount, Role and RoleBinding {c}-pgbackrest, for Jobs that back up in the repository
// host.
std::vector<Json> pgbackrest_rbac(const spec::PostgresCluster& cluster, const Observed& observed);
// ServiceAccount {c}-repohost, which may do nothing.
Json repo_host_account(const spec::PostgresCluster& cluster, const Observed& observed);

}  // namespace annals::manifests
