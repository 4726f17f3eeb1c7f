// pgBackRest in pods: the sidecars of each instance, and the repository host with its volumes.
#pragma once

#include <vector>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "manifests/secrets/secrets.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// Secret {c}-pgbackrest: the client's certificate, and the server's of the repository host.
CertificateSecret pgbackrest_certificates(const spec::PostgresCluster& cluster,
                                          const Observed& observed);

// Adds the sidecars pgbackrest and pgbackrest-config, their volumes, and the configuration to the
// database's container. `data_mounts` are the mounts of the data, its WAL and tablespaces.
void add_pgbackrest(Json& pod, const spec::PostgresCluster& cluster, const Observed& observed,
                    const Instance& instance, const Json& data_mounts);

// PersistentVolumeClaims {c}-repo1 to {c}-repo4, for the repositories on volumes.
std::vector<Json> repository_claims(const spec::PostgresCluster& cluster, const Observed& observed);

// StatefulSet {c}-repo-host; needs a repository on a volume.
Json repo_host(const spec::PostgresCluster& cluster, const Observed& observed);

}  // namespace annals::manifests
