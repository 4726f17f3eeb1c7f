// The init container postgres-startup: it makes the folders of the data volume right before
// PostgreSQL may touch them, and stops the pod with a sentence where it cannot.
#pragma once

#include <string>

#include "manifests/json.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// `mounts` are those of the data, its WAL and tablespaces, the certificates and /tmp.
Json startup_container(const spec::PostgresCluster& cluster, const spec::InstanceSet& set,
                       const std::string& image, const Json& mounts);

}  // namespace annals::manifests
