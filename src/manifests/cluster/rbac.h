// What the pods of a cluster may do in the Kubernetes API: as much as Patroni needs, and no more.
#pragma once

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

struct AccountRights {
  Json account;  // ServiceAccount
  Json role;
  Json binding;  // of the one to the other: Kubernetes refuses it before the Role exists
};

// {c}-instance.
AccountRights instance_rbac(const spec::PostgresCluster& cluster, const Observed& observed);
// {c}-pgbackrest, for Jobs that back up in the repository host.
AccountRights pgbackrest_rbac(const spec::PostgresCluster& cluster, const Observed& observed);
// ServiceAccount {c}-repohost, which may do nothing.
Json repo_host_account(const spec::PostgresCluster& cluster, const Observed& observed);

}  // namespace annals::manifests
