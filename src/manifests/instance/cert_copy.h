// The sidecar replication-cert-copy. libpq wants private keys in files that only their owner may
// read, which a mounted Secret is not for every user; so it copies them, and after each change of
// certificates or configuration tells PostgreSQL and Patroni to read theirs again.
#pragma once

#include <string>

#include "manifests/json.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// `mounts` are those of the certificates, Patroni's configuration and /tmp.
Json cert_copy_container(const spec::PostgresCluster& cluster, const spec::InstanceSet& set,
                         const std::string& image, const Json& mounts);

}  // namespace annals::manifests
