// What a restore Job needs to read the repository of another cluster: pgBackRest's configuration as
// that cluster's instances have it, and a copy of their client certificate, which that cluster's
// repository host lets in. Both are there only while a clone is restored, and nothing else of the
// new cluster uses them: its archive goes to its own repositories.
#pragma once

#include <string>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "manifests/secrets/secrets.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// Of a source with backups; `cluster_domain` as in Observed.
CloneSource clone_source(const spec::PostgresCluster& source, const std::string& cluster_domain);

// Both are called {c}-pgbackrest-source, and need Observed::source.
Json clone_source_config_map(const spec::PostgresCluster& cluster, const Observed& observed);
CopiedSecret clone_source_secret(const spec::PostgresCluster& cluster, const Observed& observed);

// The projected volume for /etc/pgbackrest/conf.d with the two.
Json clone_source_volume(const spec::PostgresCluster& cluster);

}  // namespace annals::manifests
